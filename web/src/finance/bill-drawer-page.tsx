import { useQuery } from '@tanstack/react-query'
import { settlementKinds } from '../../../server/finance/lifecycle.ts'
import { billKindWords } from '../../../server/finance/recon-lifecycle.ts'
import { get } from '../api.ts'
import { ShopLabel } from '../intake/cells.tsx'
import { useActions } from '../ui/act/actions.ts'
import { Acts } from '../ui/act/acts.tsx'
import { LoadError, Note } from '../ui/base/empty.tsx'
import { Money, Time } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { ListDialogs } from '../ui/list/list-dialogs.tsx'
import { Drawer, Section } from '../ui/overlay/drawer.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { billActions, billStandingOf, CauseWord } from './bill-trades.tsx'
import { standingOf } from './settlements.tsx'
import type { BillTradeDetail, BillTradeRow } from './types.ts'
import '../inventory/inventory.css'

type DrawerProps = {
  row: BillTradeRow
  at: number
  total: number
  step: (by: number) => void
  onClose: () => void
}

/** One trade: the rows of the bill beside our settlements. */
export default function BillDrawer({ row, at, total, step, onClose }: DrawerProps) {
  const say = useSay()
  const detail = useQuery({
    queryKey: ['/bill-trades', row.id],
    queryFn: () => get('/bill-trades/:id', { id: row.id }),
  })
  return (
    <Drawer
      label={say(['{tid} 对账', 'Money of {tid}'], { tid: row.tid })}
      at={at}
      total={total}
      step={step}
      onClose={onClose}
      title={
        <>
          <h2 className="num">{row.tid}</h2>
          {billStandingOf(row, say).first}
        </>
      }
      foot={<BillActs key={row.id} row={row} />}
    >
      <div className="drawer-body one">
        <div className="drawer-main">
          {row.standing === 'open' && <Note tone="warn">{billStandingOf(row, say).second}</Note>}
          {row.standing === 'explained' && <Note tone="ok">{billStandingOf(row, say).second}</Note>}
          <Facts row={row} />
          {detail.error && <LoadError error={detail.error} onRetry={() => void detail.refetch()} />}
          {detail.data && <Lines detail={detail.data} />}
          {detail.data && <Documents detail={detail.data} />}
        </div>
      </div>
    </Drawer>
  )
}

function BillActs({ row }: { row: BillTradeRow }) {
  const actions = useActions<BillTradeRow>(() => undefined)
  const offered = billActions.filter(
    ({ batch }) => (batch === 'bill_trades.reopen') === (row.standing === 'explained'),
  )
  return (
    <>
      <Acts acts={offered.map((action) => actions.actOf(action, row))} busy={actions.busy} />
      <ListDialogs actions={actions} batch={undefined} rows={[row]} nameOf={(each) => each.tid} />
    </>
  )
}

function Facts({ row }: { row: BillTradeRow }) {
  const say = useSay()
  const facts: [LocalizedPair, React.ReactNode][] = [
    [['店铺', 'Shop'], <ShopLabel key="shop" id={row.shopId} short />],
    [['原因', 'Cause'], <CauseWord key="cause" cause={row.cause} />],
    [['平台收 / 退', 'Bill in / out'], sides(row.billInFen, row.billOutFen)],
    [['我们收 / 退', 'Ours in / out'], sides(row.ownInFen, row.ownOutFen)],
    [['差额', 'Gap'], <Money key="gap" fen={row.gapFen} symbol />],
    [['费用', 'Fees'], <Money key="fee" fen={row.feeFen} symbol />],
    [['平台日期', 'Day there'], row.billDay ?? '–'],
    [['我们日期', 'Day here'], row.ownDay ?? '–'],
  ]
  return (
    <dl className="fact-grid">
      {facts.map(([name, value]) => (
        <div key={name[1]} style={{ display: 'contents' }}>
          <dt>{say(name)}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const sides = (inFen: number, outFen: number) => (
  <span key="sides">
    <Money fen={inFen} symbol /> / <Money fen={outFen} symbol />
  </span>
)

function Lines({ detail }: { detail: BillTradeDetail }) {
  const say = useSay()
  return (
    <Section title={say(['平台账单', 'In the bill'])}>
      {detail.lines.length === 0 ? (
        <p className="t3 small">{say(['没有', 'Nothing'])}</p>
      ) : (
        <table className="plain-table">
          <thead>
            <tr>
              <th>{say(['流水号', 'Serial no.'])}</th>
              <th>{say(['类型', 'Type'])}</th>
              <th>{say(['时间', 'Time'])}</th>
              <th className="right">{say(['金额 ¥', 'Amount ¥'])}</th>
            </tr>
          </thead>
          <tbody>
            {detail.lines.map((line) => (
              <tr key={line.id}>
                <td className="num cut">
                  {line.serialNo.startsWith('=') ? <span className="t3">–</span> : line.serialNo}
                </td>
                <td>
                  {say(billKindWords[line.kind])} <span className="t3 small">{line.type}</span>
                </td>
                <td>
                  <Time at={line.happenedAt} />
                </td>
                <td className="right">
                  <Money fen={line.amountFen} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  )
}

function Documents({ detail }: { detail: BillTradeDetail }) {
  const say = useSay()
  return (
    <Section
      title={say(['我们的结算单', 'Our settlements'])}
      aside={
        <PageLink to="/settlements" search={{ tab: 'all', q: detail.tid }}>
          {say(['看结算单', 'Open them'])}
        </PageLink>
      }
    >
      {detail.settlements.length === 0 ? (
        <p className="t3 small">{say(['没有', 'Nothing'])}</p>
      ) : (
        <table className="plain-table">
          <thead>
            <tr>
              <th>{say(['结算单', 'Settlement'])}</th>
              <th>{say(['类型', 'Type'])}</th>
              <th>{say(['情况', 'State'])}</th>
              <th className="right">{say(['金额 ¥', 'Amount ¥'])}</th>
            </tr>
          </thead>
          <tbody>
            {detail.settlements.map((row) => (
              <tr key={row.id}>
                <td className="num">{row.no}</td>
                <td>{say(settlementKinds[row.kind])}</td>
                <td>{standingOf(row, say).first}</td>
                <td className={row.status === 'voided' ? 'right t3' : 'right'}>
                  <Money fen={row.amountFen} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  )
}
