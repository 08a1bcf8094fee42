// The number of a line is unique in a shop, but many channels without an interface number the lines of each trade 1, 2, …

const longest = 64

/** Returns the number under which a line of a sheet is kept: with the number of its trade before it, unless it begins so or is too long for it. */
export function lineNumber(tid: string, sub: string): string {
  const number = `${tid}${between}${sub}`
  return sub.startsWith(`${tid}-`) || number.length > longest ? sub : number
}

/** Returns the number that the channel gave the line. */
export const channelNumber = (tid: string, oid: string): string =>
  oid.startsWith(`${tid}${between}`) ? oid.slice(tid.length + between.length) : oid

/** True for the line with this number of the channel; lines that were kept earlier have it alone. */
export const isNumbered =
  (tid: string, sub: string) =>
  ({ oid }: { oid: string }): boolean =>
    oid === lineNumber(tid, sub) || oid === sub

/** Two, because a number of a channel may have one. */
const between = '__'
