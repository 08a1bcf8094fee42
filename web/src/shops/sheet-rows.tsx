import type { Answer } from '../api-routes.ts'
import { Money } from '../ui/base/figures.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { type LocalizedPair, useSay } from '../words.ts'

type Row = Answer<'POST', '/shops/:id/trade-sheet/preview'>['first'][number]

const states: Readonly<Record<Row['state'], [tone: Tone, words: LocalizedPair]>> = {
  new: ['ok', ['新', 'New']],
  changed: ['warn', ['有改动', 'Changed']],
  same: ['ring', ['没变', 'The same']],
  refused: ['bad', ['有误', 'Refused']],
}
const refunds: Readonly<Record<Row['refund'], LocalizedPair | undefined>> = {
  '': undefined,
  none: undefined,
  open: ['退款中', 'Open'],
  done: ['已退款', 'Refunded'],
}

/** The first rows as they were understood. Names and numbers are masked. */
export function SheetRows({ rows, total }: { rows: readonly Row[]; total: number }) {
  const say = useSay()
  if (rows.length === 0) return null
  return (
    <div className="sheet-rows">
      <table className="plain-table">
        <thead>
          <tr>
            <th className="right">{say(['行', 'Row'])}</th>
            <th>{say(['结果', 'Result'])}</th>
            <th>{say(['交易编号', 'Trade'])}</th>
            <th>{say(['收货人', 'Receiver'])}</th>
            <th>{say(['地区', 'Region'])}</th>
            <th>{say(['商品', 'Goods'])}</th>
            <th className="right">{say(['数量', 'Pieces'])}</th>
            <th className="right">{say(['金额', 'Amount'])}</th>
            <th>{say(['退款', 'Refund'])}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const [tone, words] = states[row.state]
            const refund = refunds[row.refund]
            return (
              <tr key={row.row}>
                <td className="right">{row.row}</td>
                <td>
                  <Status tone={tone}>{say(words)}</Status>
                </td>
                <td>{row.tid}</td>
                <td>{row.receiver}</td>
                <td>{row.region}</td>
                <td>{row.goods}</td>
                <td className="right">{row.quantity}</td>
                <td className="right">{row.amountFen === null ? '' : <Money fen={row.amountFen} />}</td>
                <td>{refund && say(refund)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {total > rows.length && (
        <p className="t3 small">{say(['只显示前 {n} 行', 'The first {n} rows'], { n: rows.length })}</p>
      )}
    </div>
  )
}
