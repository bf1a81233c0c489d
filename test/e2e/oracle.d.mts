/** What a reader must see of a file with these bytes. */
export function linesOf(bytes: Uint8Array): { readonly lines: string[]; readonly rest: string };
