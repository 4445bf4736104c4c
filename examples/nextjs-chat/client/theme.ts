export type Theme = "light" | "dark";

/** Read by the server, so that a page comes in its colours and does not flash. */
export const themeCookie = "theme";

export function isTheme(value: string | undefined): value is Theme {
  return value === "light" || value === "dark";
}

/** Turns the page from light to dark, or back, and remembers it. */
export function toggleTheme(): void {
  const { style } = document.documentElement;
  const isDark =
    style.colorScheme === ""
      ? matchMedia("(prefers-color-scheme: dark)").matches
      : style.colorScheme === "dark";
  const theme: Theme = isDark ? "light" : "dark";
  style.colorScheme = theme;
  void cookieStore.set({
    name: themeCookie,
    value: theme,
    sameSite: "lax",
    expires: Date.now() + 365 * 24 * 60 * 60 * 1_000,
  });
}
