/** A small encyclopedia. */
export const articles: Readonly<Record<string, string>> = {
  moon: "The moon pulls the near side of the sea more than the earth, and the far side less, so there are two high waters in 24 hours and 50 minutes. Its distance changes by a tenth in a month.",
  sun: "The sun's pull is a little less than half as strong as the moon's. At new and full moon both pull in one line: spring tides, half again as high as the neap tides a week later.",
  coast:
    "In the deep ocean a tide is half a metre high. It grows where the sea becomes shallow and narrow, as in the English Channel, and stays low where the shelf falls off steeply, as at Lisbon.",
};
