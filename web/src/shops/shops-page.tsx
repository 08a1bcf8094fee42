import { useQuery } from '@tanstack/react-query'
import { Navigate } from '@tanstack/react-router'
import { ShopName } from '../tasks/shop-name.tsx'
import { Button } from '../ui/base/button.tsx'
import { Empty, LoadError } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { Time } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { shopsQuery, useAllowed } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { nearTime, span } from '../ui/base/time.ts'
import { useUrlState } from '../ui/list/search-params.ts'
import { PageHead } from '../ui/list/tabs.tsx'
import { useSay } from '../words.ts'
import { authText } from './authorise.tsx'
import type { ShopOut } from './types.ts'
import '../overview/overview.css'

export default function ShopsPage() {
  const say = useSay()
  const why = useAllowed()('shops.write')
  const [search] = useUrlState()
  const shops = useQuery({ ...shopsQuery, refetchInterval: every(10_000) })
  const connect =
    why === undefined ? (
      <PageLink to="/shops/connect" className="button primary">
        {say(['接入店铺', 'Connect a shop'])}
      </PageLink>
    ) : (
      <Button why={why}>{say(['接入店铺', 'Connect a shop'])}</Button>
    )
  if (search['open']) return <Navigate to={`/shops/${search['open']}`} replace />
  return (
    <div className="page">
      <PageHead
        title={say(['店铺', 'Shops'])}
        sub={<PageLink to="/shops/relays">{say(['中继', 'Relays'])}</PageLink>}
      >
        {connect}
      </PageHead>
      <div className="scroll body">
        {shops.error && <LoadError error={shops.error} onRetry={() => void shops.refetch()} />}
        {shops.data?.rows.length === 0 && (
          <Empty
            title={say(['还没有店铺', 'No shops yet'])}
            remedy={say([
              '接入第一家店铺后，交易和退款会自动下载。',
              'Once the first is connected, its trades and refunds are downloaded.',
            ])}
          >
            {connect}
          </Empty>
        )}
        {shops.data && shops.data.rows.length > 0 && (
          <div className="panel">
            <table className="plain-table">
              <thead>
                <tr>
                  <th>{say(['店铺', 'Shop'])}</th>
                  <th>{say(['授权', 'Authorisation'])}</th>
                  <th>{say(['平台店铺号', 'Shop id'])}</th>
                  <th className="right">{say(['上线时间', 'Live since'])}</th>
                  <th className="right">{say(['已完整到', 'Complete to'])}</th>
                  <th className="right">{say(['落后', 'Behind'])}</th>
                  <th />
                </tr>
              </thead>
              <tbody>
                {shops.data.rows.map((shop) => (
                  <ShopRow key={shop.id} shop={shop} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
    </div>
  )
}

function ShopRow({ shop }: { shop: ShopOut }) {
  const say = useSay()
  const may = useAllowed()('shops.write') === undefined
  const asks = may && shop.authState !== 'live'
  const { tone, text } = authText(shop, say)
  return (
    <tr>
      <td>
        <PageLink to={`/shops/${shop.id}`} className="ink">
          <ShopName id={shop.id} />
        </PageLink>
      </td>
      <td>
        <Status tone={tone}>{text}</Status>
      </td>
      <td className="t2">{shop.platformShopId || '–'}</td>
      <td className="right t2">
        <Time at={shop.goLiveAt} />
      </td>
      <td className="right">
        <Time at={shop.coverage?.completeTo ?? null} say={nearTime} />
      </td>
      <td className="right t2">
        {shop.coverage?.reason
          ? say(shop.coverage.reason)
          : shop.coverage?.behindMs == null
            ? '–'
            : span(shop.coverage.behindMs)}
      </td>
      <td className="right">
        <PageLink to={`/shops/${shop.id}`}>
          {asks ? say(['去授权', 'Authorise']) : say(['设置', 'Settings'])}
        </PageLink>
      </td>
    </tr>
  )
}
