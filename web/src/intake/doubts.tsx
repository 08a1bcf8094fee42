import { doubtWords, guessWords, isLeftOut, leftOutWords } from '../../../server/intake/doubt-rules.ts'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { type Say, useSay } from '../words.ts'
import type { TradeRow } from './types.ts'

type Doubts = TradeRow['doubts']
type Doubted = { id: string; modifiedAt: string; doubts: Doubts }

const open = (doubts: Doubts) => doubts.filter(({ taken }) => !taken)

/** Returns why there is no unclear value to accept; undefined: there is one. */
export const whyNotTaken = ({ doubts }: { doubts: Doubts }, say: Say): string | undefined =>
  open(doubts).length > 0 ? undefined : say(['没有待采用的存疑内容', 'Nothing in doubt waits to be taken'])

/** Returns the text of an unclear value: the field, its original value, and the value taken instead. */
export function doubtText(one: Doubts[number], say: Say): string {
  const field = doubtWords[one.field]
  const guess = guessWords[one.guess]
  const taken = isLeftOut(one)
    ? say(leftOutWords)
    : guess
      ? say(guess)
      : say(['按 {guess} 处理', 'taken as {guess}'], { guess: one.guess })
  const raw = one.raw === '' ? say(['空的', 'empty']) : `「${one.raw}」`
  const line = one.line === '' ? '' : say(['（{oid}）', ' ({oid})'], { oid: one.line })
  return say(['{what}{line}：平台给的是{raw}，{taken}', '{what}{line}: the platform gave {raw}, {taken}'], {
    what: field ? say(field) : say(['内容', 'A value']),
    line,
    raw,
    taken,
  })
}

/** Lists the unclear values of a document. Those that a person has accepted stay in the list. */
export function DoubtList({ doubts }: { doubts: Doubts }) {
  const say = useSay()
  return (
    <ul data-doubts={open(doubts).length}>
      {doubts.map((one) => (
        <li key={`${one.field}/${one.line}`} className={one.taken ? 't3' : undefined}>
          {doubtText(one, say)}
          {one.taken && say(['（已采用）', ' (taken)'])}
        </li>
      ))}
    </ul>
  )
}

/** 采用: the user accepts the unclear values of exactly the versions that are shown. */
export function TakeDialog<Row extends Doubted>(props: {
  rows: readonly Row[]
  nameOf: (row: Row) => string
  onSubmit: (input: { versions: Record<string, string> }) => void
  onClose: () => void
}) {
  const say = useSay()
  const rows = props.rows.filter((row) => open(row.doubts).length > 0)
  const words = { n: rows.length }
  return (
    <FormDialog
      title={say(['采用 {n} 条的存疑内容', 'Take the values in doubt of {n}'], words)}
      act={say(['核对过，采用 {n} 条', 'Looked at: take {n}'], words)}
      why={rows.length > 0 ? undefined : say(['没有待采用的', 'Nothing to take'])}
      wide
      ready
      onSubmit={() =>
        props.onSubmit({ versions: Object.fromEntries(rows.map((row) => [row.id, row.modifiedAt])) })
      }
      onClose={props.onClose}
    >
      <p>
        {say([
          '这些内容没有读懂。采用就照下面的值转单；不对就先在平台核实，平台更新后会重新读。看过之后变了的不会采用。',
          'These could not be read. Taking them converts with the values below; if they are wrong, look on the platform first: its next version is read anew. What changed since you looked is not taken.',
        ])}
      </p>
      {rows.map((row) => (
        <div key={row.id}>
          <b className="num">{props.nameOf(row)}</b>
          <DoubtList doubts={open(row.doubts)} />
        </div>
      ))}
    </FormDialog>
  )
}
