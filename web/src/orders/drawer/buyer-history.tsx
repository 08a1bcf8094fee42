import { useInfiniteQuery } from '@tanstack/react-query'
import { originWords, statusWords } from '../../../../server/orders/order/lifecycle.ts'
import { get } from '../../api.ts'
import { ShopLabel } from '../../intake/cells.tsx'
import { Button } from '../../ui/base/button.tsx'
import { LoadError } from '../../ui/base/empty.tsx'
import { Money, Time } from '../../ui/base/figures.tsx'
import { PageLink } from '../../ui/base/page-link.tsx'
import { Status } from '../../ui/base/status.tsx'
import { Section } from '../../ui/overlay/drawer.tsx'
import { useSay } from '../../words.ts'
import { orderTones } from '../orders.tsx'
import type { OrderDetail } from '../types.ts'

/** 买家历史订单: the buyer's other orders, and how many of them were refunded. */
export function BuyerHistory({ order }: { order: OrderDetail }) {
  const say = useSay()
  const history = useInfiniteQuery({
    queryKey: ['/orders', order.id, 'history'],
    queryFn: ({ pageParam }) =>
      get('/orders/:id/history', { id: order.id, limit: 10, ...(pageParam ? { after: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
  })
  const counts = history.data?.pages[0]?.counts
  const rows = history.data?.pages.flatMap((page) => page.rows) ?? []
  return (
    <Section
      title={say(['买家历史订单', "Buyer's other orders"])}
      aside={
        counts &&
        say(
          ['{n} 单，退过款 {refunded}，作废 {voided}', '{n} orders, {refunded} refunded, {voided} voided'],
          {
            n: counts.capped ? `${counts.orders}+` : counts.orders,
            refunded: counts.refunded,
            voided: counts.voided,
          },
        )
      }
    >
      {history.error && <LoadError error={history.error} onRetry={() => void history.refetch()} />}
      {counts?.orders === 0 && <p className="t3">{say(['没有别的订单', 'No other orders'])}</p>}
      {rows.length > 0 && (
        <table className="plain-table buyer-orders">
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <td>
                  <PageLink to="/orders" search={{ tab: 'all', open: row.id }}>
                    {row.no}
                  </PageLink>{' '}
                  {row.origin !== 'trade' && <span className="t3">{say(originWords[row.origin])}</span>}
                </td>
                <td className="goods-of">
                  <div className="cut" title={row.title}>
                    {row.title}{' '}
                    <span className="t3">
                      <ShopLabel id={row.shopId} short />
                    </span>
                  </div>
                </td>
                <td>
                  <Status tone={orderTones[row.status]}>{say(statusWords[row.status])}</Status>
                  {row.refundedFen > 0 && <span className="t3"> {say(['退过款', 'refunded'])}</span>}
                </td>
                <td className="right">
                  <Money fen={row.paymentFen} />
                </td>
                <td className="right t2">
                  <Time at={row.orderedAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {history.hasNextPage && (
        <Button size="small" busy={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
          {say(['更早的', 'Earlier ones'])}
        </Button>
      )}
    </Section>
  )
}
