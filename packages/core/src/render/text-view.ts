/** A text as it reads when something is left out or undone, and where that stands in the original. */
export interface TextView {
  readonly text: string;
  /** For a range of the view, the range of the original. */
  original(start: number, end: number): { readonly start: number; readonly end: number };
}

/** One piece that reads otherwise than it is written. */
interface Piece {
  /** Where it is in the view; nowhere, if it is left out. */
  readonly viewStart: number;
  readonly viewEnd: number;
  readonly start: number;
  readonly end: number;
}

/** What the pattern, a global one, finds reads as `read` says; all else as it is. */
export function viewText(
  original: string,
  pattern: RegExp,
  read: (match: RegExpExecArray) => string,
): TextView {
  const kept: string[] = [];
  const pieces: Piece[] = [];
  let length = 0;
  let from = 0;
  for (const match of original.matchAll(pattern)) {
    const before = original.slice(from, match.index);
    const text = read(match);
    const viewStart = length + before.length;
    length = viewStart + text.length;
    from = match.index + match[0].length;
    kept.push(before, text);
    pieces.push({ viewStart, viewEnd: length, start: match.index, end: from });
  }

  /** The last piece that begins at the place of the view or before. */
  function pieceAt(place: number): Piece | undefined {
    let low = 0;
    let high = pieces.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pieces[middle] as Piece).viewStart <= place) low = middle + 1;
      else high = middle;
    }
    return pieces[low - 1];
  }

  return {
    text: kept.join("") + original.slice(from),
    original(start, end) {
      const first = pieceAt(start);
      const last = pieceAt(end - 1);
      return {
        start:
          first === undefined
            ? start
            : start < first.viewEnd
              ? first.start
              : first.end + start - first.viewEnd,
        end:
          last === undefined
            ? end
            : end - 1 < last.viewEnd
              ? last.end
              : last.end + end - last.viewEnd,
      };
    },
  };
}
