import { returnKindWords, returnStatusWords } from '../../../server/returns/lifecycle.ts'
import { Thumb } from '../intake/cells.tsx'
import { Button } from '../ui/base/button.tsx'
import { CutText, count as figure } from '../ui/base/figures.tsx'
import { Status } from '../ui/base/status.tsx'
import { Section } from '../ui/overlay/drawer.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { type Count, countOf, leftOf, withoutWrong } from './count.ts'
import type { Taken } from './receive-desk.ts'
import { returnTones } from './returns.tsx'
import type { ReturnRow, Scanned } from './types.ts'

type Quality = 'good' | 'defective'

/** The lines of a return with expected and counted pieces. Counts can also be typed. */
export function ReceiveLines({
  row,
  count,
  onCount,
  onDone,
}: {
  row: ReturnRow
  count: Count
  /** Changes the count as it is when the change is carried out, since scans come in between. */
  onCount: (change: (count: Count) => Count) => void
  /** Called on Enter in a count field, and after a wrong row is removed. */
  onDone: () => void
}) {
  const say = useSay()
  const set = (lineNo: number, quality: Quality, text: string) => {
    const pieces = Number(text.replace(/\D/g, '') || 0)
    onCount((now) => ({
      ...now,
      byLine: { ...now.byLine, [lineNo]: { ...countOf(now, lineNo), [quality]: pieces } },
    }))
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
          {row.lines.map((line) => (
            <LineCounts
              key={line.lineNo}
              line={line}
              counted={countOf(count, line.lineNo)}
              onType={(quality, text) => set(line.lineNo, quality, text)}
              onDone={onDone}
            />
          ))}
          {Object.entries(count.wrong).map(([code, pieces]) => (
            <tr key={code}>
              <td>
                <Status tone="bad">{say(['错收 {code}', 'Wrong goods {code}'], { code })}</Status>
              </td>
              <td />
              <td className="right">{figure(pieces)}</td>
              <td className="right">
                <Button
                  size="small"
                  kind="quiet"
                  action="remove-wrong"
                  onClick={() => {
                    onCount((now) => withoutWrong(now, code))
                    onDone()
                  }}
                >
                  {say(['去掉', 'Remove'])}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

function LineCounts(props: {
  line: ReturnRow['lines'][number]
  counted: ReturnType<typeof countOf>
  onType: (quality: Quality, text: string) => void
  onDone: () => void
}) {
  const { line, counted } = props
  const say = useSay()
  const isOver = counted.good + counted.defective > leftOf(line)
  return (
    <tr>
      <td>
        <div className="goods">
          <Thumb url={line.pictureUrl} title={line.title} />
          <div className="two grow">
            <CutText text={line.title} />
            <div className="cut">
              {[line.spec, line.skuCode || line.outerCode].filter(Boolean).join(' · ')}
            </div>
          </div>
        </div>
      </td>
      <td className={isOver ? 'right ink-bad' : 'right'}>
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
            onChange={(event) => props.onType(quality, event.target.value)}
            onKeyDown={(event) => event.key === 'Enter' && props.onDone()}
          />
        </td>
      ))}
    </tr>
  )
}

/** The choices for a scanned number: several returns, or our own parcel that came back. */
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
  const isMany = found.returns.length > 1
  return (
    <ul className="receive-found">
      {found.returns.map((row, at) => (
        <li key={row.id} className="row">
          <Button letter={isMany ? String(at + 1) : undefined} onClick={() => onChoose(row)}>
            {row.no}
          </Button>
          <Status tone={returnTones[row.status]}>{say(returnStatusWords[row.status])}</Status>
          <span className="t2 cut">
            {row.lines.map(({ title, quantity }) => `${title} × ${quantity}`).join(say(['、', ', ']))}
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

/** The last twelve receipts since the page was opened, and their sums. */
export function TakenList({ taken }: { taken: readonly Taken[] }) {
  const say = useSay()
  const pieces = taken.reduce((sum, one) => sum + one.pieces, 0)
  return (
    <Section
      title={say(['刚收的', 'Just received'])}
      aside={
        taken.length > 0 &&
        say(['{n} 单 {pieces} 件', '{n} {n|return|returns}, {pieces} {pieces|pc|pcs}'], {
          n: taken.length,
          pieces,
        })
      }
    >
      {taken.length === 0 && (
        <p className="t2 small">
          {say(['打开这页以来收的会列在这里。', 'What you take in from now on is listed here.'])}
        </p>
      )}
      <ul className="receive-taken">
        {taken.map(({ no, version, pieces: n }) => (
          <li key={`${no} ${version}`} className="row">
            <span className="num">{no}</span>
            <span className="push t2 num">{say(['{n} 件', '{n} {n|pc|pcs}'], { n })}</span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

const steps: readonly LocalizedPair[] = [
  [
    '扫退回包裹的运单，或退货单、订单、退款号，退货单就打开。',
    'Scan the waybill of what came, or a number: its return opens.',
  ],
  [
    '一件一件扫商品。按 F8 之后扫的算次品；整单完好，直接按 Enter 全部填满。',
    'Scan the goods one by one; after F8 they count as defective. If all is well, Enter fills in everything.',
  ],
  [
    '再按 Enter 入库。少的、错的记成问题，到退货单的「有问题」里了结。',
    'Enter once more receives it. What is short or wrong becomes a problem, to be settled under Returns.',
  ],
  [
    '买家拒收退回的，扫发货运单就建退货单；谁的都不是的，登记为无主件，对上退货单后自动认领。',
    'Scan the waybill of a refused parcel to make its return. Unknown parcels are registered, and claimed once their return appears.',
  ],
]

export function HowTo() {
  const say = useSay()
  return (
    <ol className="receive-how t2">
      {steps.map((step, at) => (
        <li key={step[1]}>
          <span className="num t3">{at + 1}</span> {say(step)}
        </li>
      ))}
    </ol>
  )
}
