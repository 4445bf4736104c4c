import type { ReactNode } from "react";

const icon =
  (path: ReactNode): (() => ReactNode) =>
  () => (
    <svg
      className="icon"
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {path}
    </svg>
  );

export const MenuIcon = icon(<path d="M3.5 6h13M3.5 10h13M3.5 14h13" />);
export const CloseIcon = icon(<path d="m5.5 5.5 9 9m0-9-9 9" />);
export const PlusIcon = icon(<path d="M10 4.5v11M4.5 10h11" />);
export const SendIcon = icon(<path d="M10 15.5v-11m-4.5 4.5L10 4.5 14.5 9" />);
export const DownIcon = icon(<path d="M10 4.5v11M5.5 11l4.5 4.5 4.5-4.5" />);
export const ThemeIcon = icon(
  <>
    <circle cx="10" cy="10" r="6.5" />
    <path d="M10 3.5v13a6.5 6.5 0 0 0 0-13Z" fill="currentColor" />
  </>,
);
export const DownloadIcon = icon(<path d="M10 3.5v9m-3.5-3.5 3.5 3.5L13.5 9M4 16.5h12" />);
export const CommandIcon = icon(<path d="m4.5 6 4 4-4 4m6.5.5h5" />);
export const ResearchIcon = icon(
  <>
    <circle cx="9" cy="9" r="5" />
    <path d="m12.8 12.8 3.7 3.7" />
  </>,
);
export const TaskIcon = icon(<circle cx="10" cy="10" r="5.5" />);

/** Two waves, the second one behind the first. */
export const Logo = icon(
  <>
    <path d="M2.5 8.5c2.5-3 5-3 7.5 0s5 3 7.5 0" />
    <path d="M2.5 13c2.5-3 5-3 7.5 0s5 3 7.5 0" opacity=".45" />
  </>,
);
