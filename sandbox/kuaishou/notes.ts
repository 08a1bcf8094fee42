import type { Json } from '../json-parts.ts'
import { keptMap } from '../kept-map.ts'
import type { Trade } from '../world/model.ts'

interface Note {
  at: number
  note: string
  flag: number
}

const kept = keptMap<Trade, Note[]>('kuaishou notes')

/** Keeps a note that the client added; the platform shows each of them, the newest first. */
export function keepNote(trade: Trade, note: Note): void {
  kept.set(trade, [note, ...(kept.get(trade) ?? [])])
}

/** The notes of an order. The world knows the present one only, which may be newer than those of the client. */
export function notesOf(trade: Trade): Json[] {
  const [newest, ...older] = kept.get(trade) ?? []
  const isNew = newest?.note !== trade.memo || newest.flag !== trade.flag
  const present = trade.memo === '' && trade.flag === 0 && newest === undefined ? [] : [presentOf(trade)]
  const shown = isNew ? [...present, ...(newest ? [newest] : []), ...older] : [newest, ...older]
  return shown.slice(0, 30).map(({ at, note, flag }) => ({
    createTime: at * 1000,
    note,
    flagTagCode: `${COLOURS[flag] ?? 'grey'}_flag_tag_order`,
    operatorName: '客服',
  }))
}

const presentOf = (trade: Trade): Note => ({ at: trade.modified, note: trade.memo, flag: trade.flag })

/** The colours of the flags, by their numbers in the world. */
const COLOURS = ['grey', 'red', 'yellow', 'green', 'blue', 'purple']
