import { money } from '../../../../server/lib/money-text.ts'
import type { CappedCount } from '../../api.ts'
import { useSay } from '../../words.ts'
import type { RowAction } from '../act/actions.ts'
import { KeyCap } from '../base/button.tsx'
import { cappedCount, count } from '../base/figures.tsx'
import { useAllowed } from '../base/session.ts'
import { shared } from '../base/words.ts'
import { listWords } from './list-words.ts'

/** `pieces`: the number of pieces, if the rows are about goods. */
export type RowSum = { fen?: number; pieces?: number }

/** The foot of a list: the number of loaded rows, the sum of the selection, and the main keys. */
export function ListFoot<Row>(props: {
  rows: number
  matching: CappedCount | undefined
  chosen?: readonly Row[]
  sumOf?: ((row: Row) => RowSum) | undefined
  actions?: readonly RowAction<Row>[]
  /** The letters of the actions that are named; undefined: that of the first. */
  keys?: readonly string[] | undefined
}) {
  const say = useSay()
  const { rows, matching, chosen = [], sumOf } = props
  const sums = sumOf ? chosen.map(sumOf) : []
  const { keys } = props
  const allowed = useAllowed()
  const actions = props.actions?.filter(({ permission }) => allowed(permission) === undefined) ?? []
  const named = keys
    ? actions.filter(({ letter = '' }) => keys.includes(letter))
    : actions.filter(({ letter }) => letter).slice(0, 1)
  const hints: [string[], string][] = [
    [['J K'], say(listWords.keyMove)],
    ...(actions.length ? [[['X'], say(listWords.keySelect)] satisfies [string[], string]] : []),
    [['↵'], say(listWords.keyOpen)],
    ...named.map(({ letter = '', words }): [string[], string] => [[letter], say(words)]),
    [['/'], say(listWords.keySearch)],
    [['?'], say(listWords.keyAll)],
  ]
  return (
    <footer className="list-foot">
      <span className="num">
        {matching
          ? say(shared.loaded, { loaded: count(rows), total: cappedCount(matching) })
          : say(shared.loadedOnly, { loaded: count(rows) })}
      </span>
      {sums.length > 0 && (
        <span className="num">
          {sums.some(({ fen }) => fen !== undefined)
            ? say(shared.selectedSum, { money: money(sums.reduce((sum, { fen = 0 }) => sum + fen, 0)) })
            : say(shared.selectedOnly)}
          {sums.some(({ pieces }) => pieces !== undefined) &&
            ` · ${say(shared.selectedPieces, {
              pieces: count(sums.reduce((sum, { pieces = 0 }) => sum + pieces, 0)),
            })}`}
        </span>
      )}
      <span className="key-hints" aria-hidden="true">
        {hints.toReversed().map(([keys, words]) => (
          <span key={words}>
            {keys.map((key) => (
              <KeyCap key={key}>{key}</KeyCap>
            ))}
            {words}
          </span>
        ))}
      </span>
    </footer>
  )
}
