/** How strong each tide is in a harbour, in metres. */
const harbours = {
  brest: { mean: 4.1, moon: 2.05, sun: 0.75, ellipse: 0.42 },
  dover: { mean: 3.7, moon: 2.25, sun: 0.71, ellipse: 0.41 },
  lisbon: { mean: 2.1, moon: 0.98, sun: 0.35, ellipse: 0.21 },
} as const;

export type Harbour = keyof typeof harbours;

export const harbourNames: readonly Harbour[] = ["brest", "dover", "lisbon"];

/** Hours from one high water to the next, and hours of the year that are over at the first. */
const rhythms = {
  moon: { period: 12.4206, first: 2.9 },
  sun: { period: 12, first: 7.4 },
  ellipse: { period: 12.6583, first: 9.8 },
};
const start = Date.UTC(2025, 0, 1);
const stepMinutes = 20;

/** The water level of a year, every twenty minutes, as a tide gauge would have recorded it. */
export function gaugeRecord(harbour: Harbour): Buffer {
  const { mean, ...waves } = harbours[harbour];
  const lines = ["time,metres"];
  for (let minutes = 0; minutes < 365 * 24 * 60; minutes += stepMinutes) {
    const level = Object.entries(waves).reduce<number>((sum, [name, metres]) => {
      const { period, first } = rhythms[name as keyof typeof waves];
      return sum + metres * Math.cos((2 * Math.PI * (minutes / 60 - first)) / period);
    }, mean);
    lines.push(`${new Date(start + minutes * 60_000).toISOString()},${level.toFixed(2)}`);
  }
  return Buffer.from(`${lines.join("\n")}\n`);
}
