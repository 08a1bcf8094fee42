import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { settlementStatusWords } from '../../../server/finance/lifecycle.ts'
import {
  interceptStateWords,
  interceptWayWords,
} from '../../../server/fulfilment/intercepts/intercept-lifecycle.ts'
import {
  exchangeTimeWords,
  receiptWriteBackLabels,
  returnKindWords,
  returnStatusWords,
  whyNotEdited,
  writeBackFailureLabels,
} from '../../../server/returns/lifecycle.ts'
import { returnVerbs } from '../../../server/returns/verbs-contract.ts'
import { get } from '../api.ts'
import { useCourierName } from '../fulfilment/query.ts'
import { Thumb } from '../intake/cells.tsx'
import { refundStatusText } from '../intake/events.ts'
import { type RowAction, useActions } from '../ui/act/actions.ts'
import { type Act, Acts } from '../ui/act/acts.tsx'
import { LoadError } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { Countdown, CutText, count, Money } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { Status } from '../ui/base/status.tsx'
import { nearTime } from '../ui/base/time.ts'
import { Timeline } from '../ui/base/timeline.tsx'
import { shared } from '../ui/base/words.ts'
import { ListDialogs } from '../ui/list/list-dialogs.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { Drawer, Section, type Step, Steps } from '../ui/overlay/drawer.tsx'
import { type Say, useSay } from '../words.ts'
import { ReturnProblems } from './return-problems.tsx'
import { returnTimeline } from './return-story.ts'
import { returnActions, returnTones } from './returns.tsx'
import type { ReturnDetail, ReturnRow } from './types.ts'

const EditDialog = lazy(() => import('./edit-dialog-page.tsx'))

/** One return: lifecycle steps, discrepancies, expected and received goods, money, events and related documents. */
export default function ReturnDrawer({
  rows,
  step,
  onClose,
}: {
  rows: readonly ReturnRow[]
  step: (by: number) => void
  onClose: () => void
}) {
  const say = useSay()
  const [search] = useUrlState()
  const id = search['open'] ?? ''
  const found = useQuery({
    queryKey: ['/returns', id],
    queryFn: () => get('/returns/:id', { id }),
    refetchInterval: every(10_000),
  })
  const { data } = found
  const one = data?.return
  return (
    <Drawer
      label={say(['退货单 {no}', 'Return {no}'], { no: one?.no ?? '' })}
      at={rows.findIndex((row) => row.id === id)}
      total={rows.length}
      step={step}
      onClose={onClose}
      title={
        one && (
          <>
            <h2>{one.no}</h2>
            <Status tone={returnTones[one.status]}>{say(returnStatusWords[one.status])}</Status>
            <span className="t2 small cut">{say(returnKindWords[one.kind])}</span>
          </>
        )
      }
      foot={one && <ReturnActs key={one.id} row={one} />}
    >
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      {data && (
        <>
          <Steps steps={stepsOf(data.return, say)} />
          <div className="drawer-body">
            <div className="drawer-main">
              <Facts row={data.return} note={data.receiptNote} />
              <ReturnProblems detail={data} />
              <Lines row={data.return} />
              <Receipts detail={data} />
            </div>
            <div className="drawer-side">
              <Relatives detail={data} />
              <Section title={say(['经过', 'Timeline'])}>
                <Timeline entries={returnTimeline(data.events, say)} />
              </Section>
            </div>
          </div>
        </>
      )}
    </Drawer>
  )
}

function stepsOf(row: ReturnRow, say: Say): Step[] {
  const at = (time: string | null, by: string | null) =>
    time === null ? {} : { at: nearTime(time), by: by ?? '' }
  const made: Step = { words: say(['建单', 'Made']), state: 'done', ...at(row.createdAt, row.createdBy) }
  if (row.status === 'voided')
    return [made, { words: say(returnStatusWords.voided), state: 'now', ...at(row.voidedAt, row.voidedBy) }]
  const life = [
    { words: say(['确认', 'Confirmed']), ...at(row.confirmedAt, row.confirmedBy) },
    { words: say(['收货', 'Received']), ...at(row.receivedAt, row.receivedBy) },
    { words: say(['结算', 'Settled']), ...at(row.settledAt, row.settledBy) },
  ]
  const next = life.findIndex((each) => !('at' in each))
  return [
    made,
    ...life.map(
      (each, index): Step => ({
        ...each,
        state: 'at' in each ? 'done' : index === next ? 'now' : 'ahead',
      }),
    ),
  ]
}

function Facts({ row, note }: { row: ReturnRow; note: ReturnDetail['receiptNote'] }) {
  const say = useSay()
  const name = useCourierName()
  const none = <span className="t3">{say(shared.none)}</span>
  return (
    <dl className="fact-grid">
      <dt>{say(['买家', 'Buyer'])}</dt>
      <dd className="wide">
        {row.receiverMasked} <span className="t3">{row.region}</span>
      </dd>
      <dt>{say(['退回运单', 'Waybill back'])}</dt>
      <dd className="wide">{row.waybillNo ? `${name(row.courier)} ${row.waybillNo}` : none}</dd>
      <dt>{say(['退货仓', 'Warehouse'])}</dt>
      <dd>{row.warehouseName || none}</dd>
      <dt>{say(['退款', 'Refund'])}</dt>
      <dd>
        {row.refundNo === '' ? (
          none
        ) : (
          <>
            <Money fen={row.amountFen} symbol />{' '}
            <span className="t3">{refundStatusText(row.refundStatus, say)}</span>
          </>
        )}
      </dd>
      {row.deadline && (row.refundStatus === 'applied' || row.refundStatus === 'agreed') && (
        <>
          <dt>{say(['离平台期限', 'Platform acts in'])}</dt>
          <dd>
            <Countdown to={row.deadline} />
          </dd>
        </>
      )}
      <dt>{say(['原因', 'Reason'])}</dt>
      <dd className="wide">{row.reason || none}</dd>
      <dt>{say(['回写平台', 'Write-back'])}</dt>
      <dd className="wide">
        {say(receiptWriteBackLabels[row.told])}
        {row.told === 'failed' && (
          <div className="t2 small">
            {say(writeBackFailureLabels[row.errorCode === 'unsupported' ? 'unsupported' : 'other'])}
          </div>
        )}
        {note && <div className="t2 small">{say(note)}</div>}
      </dd>
      {row.kind === 'exchange' && (
        <>
          <dt>{say(['换发', 'Exchange'])}</dt>
          <dd className="wide">
            {row.exchangeOrderId === null ? (
              say(exchangeTimeWords[row.exchangeWhen])
            ) : (
              <PageLink to="/orders" search={{ tab: 'all', open: row.exchangeOrderId }}>
                {row.exchangeOrderNo}
              </PageLink>
            )}
          </dd>
        </>
      )}
    </dl>
  )
}

function Lines({ row }: { row: ReturnRow }) {
  const say = useSay()
  const came = row.status === 'received' || row.status === 'settled'
  return (
    <Section
      title={say(['商品', 'Goods'])}
      aside={say(
        ['应退 {n} 件，良品 {good}，次品 {defective}', '{n} asked, {good} good, {defective} defective'],
        {
          n: row.quantity,
          good: row.good,
          defective: row.defective,
        },
      )}
    >
      <table className="plain-table lines-table">
        <thead>
          <tr>
            <th>{say(['商品 / 编码', 'Goods / code'])}</th>
            <th className="right">{say(['应退', 'Asked'])}</th>
            <th className="right">{say(['良品', 'Good'])}</th>
            <th className="right">{say(['次品', 'Defective'])}</th>
            <th className="right">{say(['差', 'Short'])}</th>
          </tr>
        </thead>
        <tbody>
          {row.lines.map((line) => {
            const short = line.quantity - line.good - line.defective
            return (
              <tr key={line.lineNo}>
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
                <td className="right">{count(line.quantity)}</td>
                <td className="right">{count(line.good)}</td>
                <td className="right">{count(line.defective)}</td>
                <td className="right">
                  {came && short > 0 ? <b>{count(short)}</b> : <span className="t3">–</span>}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </Section>
  )
}

function Receipts({ detail }: { detail: ReturnDetail }) {
  const say = useSay()
  if (detail.receipts.length === 0) return null
  return (
    <Section title={say(['入库', 'Receipts'])}>
      <table className="plain-table">
        <tbody>
          {detail.receipts.map((receipt) => (
            <tr key={receipt.step}>
              <td className="num">{nearTime(receipt.at)}</td>
              <td>{receipt.by}</td>
              <td>{receipt.warehouseName}</td>
              <td className="right">
                {say(['良品 {good}，次品 {defective}', '{good} good, {defective} defective'], {
                  good: receipt.good,
                  defective: receipt.defective,
                })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

function Relatives({ detail }: { detail: ReturnDetail }) {
  const say = useSay()
  const row = detail.return
  return (
    <Section title={say(['关联单据', 'Related'])}>
      <dl className="relatives">
        <dt className="t3">{say(['订单', 'Order'])}</dt>
        <dd>
          <PageLink to="/orders" search={{ tab: 'all', q: row.orderNo, open: row.orderId }}>
            {row.orderNo}
          </PageLink>
        </dd>
        {row.refundNo && (
          <>
            <dt className="t3">{say(['退款', 'Refund'])}</dt>
            <dd>
              <PageLink to="/refund-history" search={{ refundNos: row.refundNo }}>
                {row.refundNo}
              </PageLink>
            </dd>
          </>
        )}
        {row.exchangeOrderId && (
          <>
            <dt className="t3">{say(['换货单', 'Exchange'])}</dt>
            <dd>
              <PageLink
                to="/orders"
                search={{ tab: 'all', q: row.exchangeOrderNo, open: row.exchangeOrderId }}
              >
                {row.exchangeOrderNo}
              </PageLink>
            </dd>
          </>
        )}
        {detail.parcels.map((parcel) => (
          <div key={parcel.id} style={{ display: 'contents' }}>
            <dt className="t3">{say(['无主件', 'Parcel'])}</dt>
            <dd>
              <PageLink to="/unclaimed-parcels" search={{ tab: 'all', q: parcel.no, open: parcel.id }}>
                {parcel.no}
              </PageLink>
            </dd>
          </div>
        ))}
        {detail.intercepts.map((one) => (
          <div key={one.id} style={{ display: 'contents' }}>
            <dt className="t3">{say(['拦截', 'Intercept'])}</dt>
            <dd>
              <PageLink to="/intercepts" search={{ tab: 'all', ids: one.id }}>
                {one.waybillNo || one.deliveryNo}
              </PageLink>
              <div className="small t3">
                {say(interceptWayWords[one.way])} · {say(interceptStateWords[one.state])}
              </div>
            </dd>
          </div>
        ))}
        {detail.settlements.map((one) => (
          <div key={one.id} style={{ display: 'contents' }}>
            <dt className="t3">{say(['结算', 'Settlement'])}</dt>
            <dd>
              <PageLink to="/settlements" search={{ tab: 'all', q: one.no }}>
                {one.no}
              </PageLink>
              <div className="small">
                <Money fen={one.amountFen} symbol />{' '}
                <span className="t3">{settlementWord(one.status, say)}</span>
              </div>
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}

function settlementWord(status: string, say: Say): string {
  const words = Object.entries(settlementStatusWords).find(([name]) => name === status)?.[1]
  return words ? say(words) : status
}

function ReturnActs({ row }: { row: ReturnRow }) {
  const say = useSay()
  const [editing, setEditing] = useState(false)
  const actions = useActions<ReturnRow>(() => undefined)
  const own = (action: RowAction<ReturnRow>) => actions.actOf(action, row)
  const locked = whyNotEdited(row.status)
  const acts: Act[] = [
    ...(row.status === 'unconfirmed' ? [own(returnActions.confirm)] : []),
    ...(row.status === 'unconfirmed' || row.status === 'confirmed' ? [own(returnActions.receive)] : []),
    ...(row.status === 'received' ? [own(returnActions.settle)] : []),
    {
      name: 'edit',
      words: returnVerbs.edit.words,
      letter: 'M',
      why: actions.allowed('returns.write') ?? (locked ? say(locked.message) : undefined),
      run: () => setEditing(true),
    },
    ...(row.kind === 'exchange' ? [own(returnActions.exchange)] : []),
    ...(row.told === 'failed' || row.told === 'manual' ? [own(returnActions.tellAgain)] : []),
    ...(row.status === 'confirmed' ? [own(returnActions.unconfirm)] : []),
    own(returnActions.void),
  ]
  return (
    <>
      <Acts acts={acts} busy={actions.busy} />
      <ListDialogs actions={actions} batch={undefined} rows={[row]} nameOf={(each) => each.no} />
      <Suspense>{editing && <EditDialog row={row} onClose={() => setEditing(false)} />}</Suspense>
    </>
  )
}
