const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Milliseconds for a reader: `850ms`, `12.3s`, `4m5s`, `2h3m`, `3d4h`. Below zero counts as zero. */
export function renderDuration(milliseconds: number): string {
  const time = Math.max(Math.round(milliseconds), 0);
  if (time < second) return `${time}ms`;
  if (time < minute) return `${Math.floor(time / 100) / 10}s`;
  if (time < hour) return `${Math.floor(time / minute)}m${Math.floor((time % minute) / second)}s`;
  if (time < day) return `${Math.floor(time / hour)}h${Math.floor((time % hour) / minute)}m`;
  return `${Math.floor(time / day)}d${Math.floor((time % day) / hour)}h`;
}
