import type { WaveDetail } from '../fulfilment/waves/types.ts'

type Pick = { seq: number; pieces: number }
type Line = WaveDetail['lines'][number]

/** Returns the wave as it is once these picks are taken: they wait on the phone, or the answer came before the wave was read again. */
export function withPicks(detail: WaveDetail, picks: readonly Pick[]): WaveDetail {
  const pieces = picks.reduce((sum, pick) => sum + pick.pieces, 0)
  if (pieces === 0) return detail
  return {
    ...detail,
    left: Math.max(0, detail.left - pieces),
    wave: { ...detail.wave, picked: detail.wave.picked + pieces },
    lines: detail.lines.map((line) =>
      picks.filter(({ seq }) => seq === line.seq).reduce((now, pick) => takenOf(now, pick.pieces), line),
    ),
  }
}

/** Returns the baskets that lack pieces of the line when only `found` of those still wanted are there: the last ones. */
export function lackingBaskets(line: Line, found: number): number[] {
  const { baskets } = takenOf(line, found)
  return baskets.flatMap(({ basket, pieces, picked, stopped }) =>
    !stopped && picked < pieces ? [basket] : [],
  )
}

/** The first baskets get their pieces first, as the server gives them. */
function takenOf(line: Line, pieces: number): Line {
  let left = pieces
  const baskets = line.baskets.map((share) => {
    const given = share.stopped ? 0 : Math.max(0, Math.min(left, share.pieces - share.picked))
    left -= given
    return { ...share, picked: share.picked + given }
  })
  const wanted = Math.max(0, line.wanted - pieces)
  return { ...line, baskets, wanted, picked: line.picked + pieces, done: line.done || wanted === 0 }
}
