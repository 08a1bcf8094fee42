import { useQuery } from '@tanstack/react-query'
import { returnKindWords, returnStatusWords } from '../../../server/returns/lifecycle.ts'
import { get } from '../api.ts'
import { every } from '../ui/base/every.ts'
import { PageLink } from '../ui/base/page-link.tsx'
import { useMay } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { useSay } from '../words.ts'
import { returnTones } from './returns.tsx'

/** An order's returns. After the order was shipped also the button for a new one. */
export function OrderReturns({ order }: { order: { id: string; no: string; status: string } }) {
  const say = useSay()
  const may = useMay()
  const shipped = order.status === 'shipped' || order.status === 'completed'
  const { data } = useQuery({
    queryKey: ['/returns', 'of', order.id],
    queryFn: () => get('/returns', { tab: 'all', orderId: order.id }),
    enabled: shipped && may('returns.read'),
    refetchInterval: every(10_000),
  })
  if (!shipped) return null
  return (
    <>
      {data?.rows.map((row) => (
        <div key={row.id} style={{ display: 'contents' }}>
          <dt className="t3">{say(['退货单', 'Return'])}</dt>
          <dd>
            <PageLink to="/returns" search={{ tab: 'all', q: row.no, open: row.id }}>
              {row.no}
            </PageLink>
            <div className="small">
              <Status tone={row.openProblems > 0 ? 'bad' : returnTones[row.status]}>
                {say(returnStatusWords[row.status])}{' '}
                <span className="t3">{say(returnKindWords[row.kind])}</span>
              </Status>
            </div>
          </dd>
        </div>
      ))}
      {may('returns.write') && (
        <>
          <dt className="t3">{say(['退货', 'Returns'])}</dt>
          <dd>
            <PageLink act to="/returns" search={{ do: 'add', order: order.no }}>
              {say(['新建退货单', 'New return'])}
            </PageLink>
          </dd>
        </>
      )}
    </>
  )
}
