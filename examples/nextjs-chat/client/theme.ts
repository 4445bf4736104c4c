export type Theme = "light" | "dark";

/** Read by the server, so that a page comes in its colours and does not flash. */
export const themeCookie = "theme";

export function isTheme(value: string | undefined): value is Theme {
  return value === "light" || value === "dark";
}

/** Turns the page from light to dark, or back, and remembers it. */
export function toggleTheme(): void {
  const { dataset } = document.documentElement;
  const isDark =
    dataset["theme"] === undefined
      ? matchMedia("(prefers-color-scheme: dark)").matches
      : dataset["theme"] === "dark";
  const theme: Theme = isDark ? "light" : "dark";
  dataset["theme"] = theme;
  void cookieStore.set({
    name: themeCookie,
    value: theme,
    sameSite: "lax",
    expires: Date.now() + 365 * 24 * 60 * 60 * 1_000,
  });
}
