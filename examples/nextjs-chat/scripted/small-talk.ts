const answers: readonly (readonly [RegExp, string])[] = [
  [/\bjoke\b/i, "Why do fish know the tides so well? They go with the flow."],
  [/\b(thanks|thank you)\b/i, "You are welcome."],
  [
    /\btides?\b/i,
    "Tides follow the moon: two highs and two lows in a little more than a day. When sun and moon pull together there is a spring tide.",
  ],
  [/^\s*(hello|hi|hey|good \w+)\b/i, "Hello! What shall I start for you?"],
];

const help =
  "I am a scripted model, so I know only a few phrases. Try “Download the report and check the project”, “Research the tides”, “Deploy the project”, “How far are you?”, “Cancel everything” or “Tell me a joke”.";

/** What to say to a sentence that asks for nothing slow. */
export function smallTalk(text: string): string {
  return answers.find(([pattern]) => pattern.test(text))?.[1] ?? help;
}
