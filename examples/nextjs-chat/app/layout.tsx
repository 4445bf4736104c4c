import "../styles/base.css";
import "../styles/shell.css";
import "../styles/conversation.css";
import "../styles/task-card.css";
import "../styles/composer.css";
import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { isTheme, themeCookie } from "../client/theme.ts";

export const metadata: Metadata = {
  title: "Meanwhile",
  description: "A chat in which slow work goes on in the background.",
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#fbfaf8" },
    { media: "(prefers-color-scheme: dark)", color: "#131518" },
  ],
};

export default async function Layout({
  children,
}: {
  readonly children: ReactNode;
}): Promise<ReactNode> {
  const theme = (await cookies()).get(themeCookie)?.value;
  return (
    <html lang="en" data-theme={isTheme(theme) ? theme : undefined}>
      <body>{children}</body>
    </html>
  );
}
