import { returnKindWords, returnStatusWords } from '../../../server/returns/lifecycle.ts'
import { Thumb } from '../intake/cells.tsx'
import { Button } from '../ui/button.tsx'
import { Section } from '../ui/drawer.tsx'
import { count as figure } from '../ui/figures.tsx'
import { Status } from '../ui/status.tsx'
import { useSay } from '../words.ts'
import { type Count, countOf, leftOf } from './count.ts'
import type { Taken } from './receive-desk.ts'
import { returnTones } from './returns.tsx'
import type { ReturnRow, Scanned } from './types.ts'

/** What is asked for and what was counted, to be typed as well. */
export function ReceiveLines({
  row,
  count,
  onCount,
}: {
  row: ReturnRow
  count: Count
  onCount: (count: Count) => void
}) {
  const say = useSay()
  const set = (lineNo: number, quality: 'good' | 'defective', text: string) => {
    const pieces = Number(text.replace(/\D/g, '') || 0)
    const before = countOf(count, lineNo)
    onCount({ ...count, byLine: { ...count.byLine, [lineNo]: { ...before, [quality]: pieces } } })
  }
  return (
    <Section
      title={row.no}
      aside={`${say(returnKindWords[row.kind])} · ${row.receiverMasked} · ${row.warehouseName}`}
    >
      <table className="plain-table lines-table">
        <thead>
          <tr>
            <th>{say(['商品 / 编码', 'Goods / code'])}</th>
            <th className="right">{say(['应收', 'Expected'])}</th>
            <th className="right">{say(['良品', 'Good'])}</th>
            <th className="right">{say(['次品', 'Defective'])}</th>
          </tr>
        </thead>
        <tbody>
          {row.lines.map((line) => {
            const counted = countOf(count, line.lineNo)
            const isOver = counted.good + counted.defective > leftOf(line)
            return (
              <tr key={line.lineNo}>
                <td>
                  <div className="goods">
                    <Thumb url={line.pictureUrl} title={line.title} />
                    <div className="two grow">
                      <div className="cut" title={line.title}>
                        {line.title}
                      </div>
                      <div className="cut">
                        {[line.spec, line.skuCode || line.outerCode].filter(Boolean).join(' · ')}
                      </div>
                    </div>
                  </div>
                </td>
                <td className="right">
                  <b>{figure(leftOf(line))}</b>
                </td>
                {(['good', 'defective'] as const).map((quality) => (
                  <td key={quality} className="right">
                    <input
                      className="input pieces"
                      inputMode="numeric"
                      aria-invalid={isOver}
                      aria-label={say(
                        quality === 'good'
                          ? ['第 {n} 行良品', 'Good of line {n}']
                          : ['第 {n} 行次品', 'Defective of line {n}'],
                        { n: line.lineNo },
                      )}
                      value={String(counted[quality])}
                      onChange={(event) => set(line.lineNo, quality, event.target.value)}
                    />
                  </td>
                ))}
              </tr>
            )
          })}
          {Object.entries(count.wrong).map(([code, pieces]) => (
            <tr key={code}>
              <td>
                <Status tone="bad">{say(['错收 {code}', 'Wrong goods {code}'], { code })}</Status>
              </td>
              <td />
              <td className="right">{figure(pieces)}</td>
              <td />
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

/** Several returns with one number, or a parcel of ours that came back. */
export function FoundChoices({
  found,
  onChoose,
  onRefused,
}: {
  found: Scanned
  onChoose: (row: ReturnRow) => void
  onRefused: (deliveryId: string) => void
}) {
  const say = useSay()
  return (
    <ul className="receive-found">
      {found.returns.map((row) => (
        <li key={row.id} className="row">
          <Button onClick={() => onChoose(row)}>{row.no}</Button>
          <Status tone={returnTones[row.status]}>{say(returnStatusWords[row.status])}</Status>
          <span className="t2 cut">
            {row.lines.map(({ title, quantity }) => `${title} × ${quantity}`).join('、')}
          </span>
        </li>
      ))}
      {found.left.map((parcel) => (
        <li key={parcel.id} className="row">
          <Button onClick={() => onRefused(parcel.id)}>
            {say(['拒收，建退货单', 'Refused: make its return'])}
          </Button>
          <span className="t2">{`${parcel.no} · ${parcel.orderNo}`}</span>
        </li>
      ))}
    </ul>
  )
}

/** What this person took in since the page was opened. */
export function TakenList({ taken }: { taken: readonly Taken[] }) {
  const say = useSay()
  if (taken.length === 0) return null
  return (
    <Section title={say(['刚收的', 'Just received'])}>
      <ul className="receive-found">
        {taken.map(({ no, version, pieces }) => (
          <li key={`${no} ${version}`} className="row">
            <span className="num">{no}</span>
            <span className="t2">{say(['{n} 件', '{n} pcs'], { n: pieces })}</span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
