/** Seeds whose schedule has once found something wrong, in the service or in what checks it. They stay. */
export const KEPT_SEEDS: readonly number[] = [
  // Readers that stood behind the head that all files share, in a file that was destroyed: in which one, nothing tells.
  9, 10180,
  // A file without its number in the name, removed before a reader came for the first time.
  354,
  // History of files that were cut while older ones waited for their turn.
  396, 506, 1350,
  // Copies of cut files (copytruncate) that several readers needed at the same moment.
  1311, 168908672, 1957472997,
  // A rotation in mid-line, and a reader that came back before the rest was written.
  1009,
  // Lines destroyed before the service had looked at them, and late lines destroyed while their reader was away.
  10019, 10035, 10042, 10216,
  // Files that came and went, or were copied and cut, between two looks, or in one tick of the clock.
  30026, 30029, 30308, 30463, 30496,
  // A file with late lines that was removed before they were fetched.
  30888,
  // Links to nothing, files copied and cut several times before they were read, late lines to a file that was renamed while empty.
  32109,
  32186, 32082, 36159,
  // Late lines to an older part that was compressed then, and copies of files that were gone when they were looked for.
  40571, 41884, 40803, 41693, 51442, 51847,
  // A reader behind the head that all files share, in one that was copied and cut while the service was down.
  50951,
  // Late lines to a rotated file whose successors begin with the same head.
  60128, 60551,
  // Copies and late ranges of files that begin with the same head, and a part of the same tick as one that was gone.
  61425, 61751, 102137, 103342, 105432,
  // A reader behind the head that all files share, whose file was gone, and two parts with that head, of which one was a copy.
  61987, 30390,
];
