import { settlementKinds } from '../../../server/finance/lifecycle.ts'
import { Money } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { Section } from '../ui/overlay/drawer.tsx'
import { useSay } from '../words.ts'
import { standingOf } from './settlements.tsx'
import type { SettlementRow } from './types.ts'

/** An order's settlements and their sum. Withdrawn ones are left out. */
export function OrderSettlements({ orderId, rows }: { orderId: string; rows: readonly SettlementRow[] }) {
  const say = useSay()
  const shown = rows.filter((row) => !row.withdrawn)
  if (shown.length === 0) return null
  const standing = shown.filter((row) => row.status !== 'voided')
  return (
    <Section
      title={say(['结算', 'Settlements'])}
      aside={
        <PageLink to="/settlements" search={{ tab: 'all', orderId }}>
          {say(['{n} 张', '{n} {n|document|documents}'], { n: shown.length })}
        </PageLink>
      }
    >
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
          {shown.map((row) => {
            const { first, second } = standingOf(row, say)
            return (
              <tr key={row.id}>
                <td className="num">{row.no}</td>
                <td>{say(settlementKinds[row.kind])}</td>
                <td>
                  {first} <span className="t3 small">{second}</span>
                </td>
                <td className={row.status === 'voided' ? 'right t3' : 'right'}>
                  <Money fen={row.amountFen} />
                </td>
              </tr>
            )
          })}
          <tr>
            <td colSpan={3} className="t2">
              {say(['合计', 'Total'])}
            </td>
            <td className="right">
              <b>
                <Money fen={standing.reduce((sum, row) => sum + row.amountFen, 0)} />
              </b>
            </td>
          </tr>
        </tbody>
      </table>
    </Section>
  )
}
