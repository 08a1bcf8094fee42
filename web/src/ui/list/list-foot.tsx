import { money } from '../../../../server/lib/money-text.ts'
import type { CappedCount } from '../../api.ts'
import { useSay } from '../../words.ts'
import type { RowAction } from '../act/actions.ts'
import { KeyCap } from '../base/button.tsx'
import { cappedCount, count } from '../base/figures.tsx'
import { shared } from '../base/words.ts'
import { listWords } from './list-words.ts'

/** `pieces`: the number of pieces, if the rows are about goods. */
export type RowSum = { fen: number; pieces?: number }

/** The foot of a list: the number of loaded rows, the sum of the selection, and the main keys. */
export function ListFoot<Row>(props: {
  rows: number
  matching: CappedCount | undefined
  chosen?: readonly Row[]
  sumOf?: ((row: Row) => RowSum) | undefined
  actions?: readonly RowAction<Row>[]
}) {
  const say = useSay()
  const { rows, matching, chosen = [], sumOf } = props
  const sums = sumOf ? chosen.map(sumOf) : []
  const main = props.actions?.find((action) => action.letter)
  const hints: [string[], string][] = [
    [['J K'], say(listWords.keyMove)],
    ...(props.actions?.length ? [[['X'], say(listWords.keySelect)] satisfies [string[], string]] : []),
    [['↵'], say(listWords.keyOpen)],
    ...(main ? [[[main.letter ?? ''], say(main.words)] satisfies [string[], string]] : []),
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
          {say(shared.selectedSum, {
            money: money(sums.reduce((sum, each) => sum + each.fen, 0)),
          })}
          {sums.some(({ pieces }) => pieces !== undefined) &&
            ` · ${say(shared.selectedPieces, {
              pieces: count(sums.reduce((sum, { pieces = 0 }) => sum + pieces, 0)),
            })}`}
        </span>
      )}
      <span className="key-hints" aria-hidden="true">
        {hints.map(([keys, words]) => (
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
