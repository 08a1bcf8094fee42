import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router'
import { Frame } from './frame/frame.tsx'
import { PageCrash } from './frame/page-crash.tsx'
import { queries } from './queries.ts'
import { connectorsQuery, meQuery, shopNamesQuery } from './ui/base/session.ts'
import { parseSearch, stringifySearch, textOnly } from './ui/list/search-params.ts'
import { Toasts } from './ui/overlay/toasts.tsx'

type PageModule = { default: () => React.ReactNode }
const page = (load: () => Promise<PageModule>) => lazyRouteComponent(load)
const NotFound = page(() => import('./frame/not-found-page.tsx'))

const root = createRootRoute({
  validateSearch: textOnly,
  notFoundComponent: NotFound,
  component: () => (
    <>
      <Outlet />
      <Toasts />
    </>
  ),
})

const outside = (path: string, load: () => Promise<PageModule>) =>
  createRoute({ getParentRoute: () => root, path, component: page(load) })

/**
 * User, shops and connectors are loaded before the first paint, and the font, in which names are narrower than in the one before it; so the
 * frame does not change afterwards. If the server does not answer within three seconds, the page is shown without them.
 */
let known: Promise<unknown> | undefined
const font = () => document.fonts.load('14px Inter').catch(() => [])
const knowFirst = () => {
  const asked = [meQuery, shopNamesQuery, connectorsQuery]
  known ??= Promise.race([
    Promise.all([font(), ...asked.map((query) => queries.prefetchQuery<unknown>(query))]),
    new Promise((settle) => setTimeout(settle, 3_000)),
  ])
  return known
}

const frame = createRoute({ getParentRoute: () => root, id: 'frame', component: Frame, loader: knowFirst })
const inside = (path: string, load: () => Promise<PageModule>) =>
  createRoute({ getParentRoute: () => frame, path, component: page(load), errorComponent: PageCrash })

type Loader = () => Promise<unknown> | undefined

/** A page without menu, for stations and paper. */
const alone = (path: string, load: () => Promise<PageModule>, loader: Loader = knowFirst) =>
  createRoute({ getParentRoute: () => root, path, component: page(load), errorComponent: PageCrash, loader })

/** A page of a phone. It also opens offline, when no server answers. */
const phone = (path: string, load: () => Promise<PageModule>) =>
  alone(path, load, () => (navigator.onLine ? knowFirst() : undefined))

const tree = root.addChildren([
  outside('/sign-in', () => import('./sign-in/sign-in-page.tsx')),
  outside('/setup', () => import('./sign-in/setup-page.tsx')),
  outside('/password', () => import('./sign-in/password-page.tsx')),
  alone('/station', () => import('./fulfilment/station/station-page.tsx')),
  phone('/phone', () => import('./phone/home-page.tsx')),
  phone('/phone/pick', () => import('./phone/picks-page.tsx')),
  phone('/phone/pick/$waveId', () => import('./fulfilment/waves/pick-page.tsx')),
  phone('/phone/put-away', () => import('./phone/put-away-page.tsx')),
  phone('/phone/count', () => import('./phone/counts-page.tsx')),
  phone('/phone/count/$taskId', () => import('./phone/count-page.tsx')),
  phone('/phone/look-up', () => import('./phone/look-up-page.tsx')),
  alone('/sort/$waveId', () => import('./fulfilment/waves/sort-page.tsx')),
  alone('/pick-list/$waveId', () => import('./fulfilment/waves/paper-page.tsx')),
  frame.addChildren([
    inside('/', () => import('./overview/overview-page.tsx')),
    inside('/download-queue', () => import('./intake/trades/queue-page.tsx')),
    inside('/staged-trades', () => import('./intake/trades/trades-page.tsx')),
    inside('/trade-history', () => import('./intake/trades/trade-history-page.tsx')),
    inside('/staged-refunds', () => import('./intake/refunds/refunds-page.tsx')),
    inside('/refund-history', () => import('./intake/refunds/refund-history-page.tsx')),
    inside('/aftersale', () => import('./intake/aftersales/aftersale-page.tsx')),
    inside('/refund-statistics', () => import('./intake/aftersales/refund-statistics-page.tsx')),
    inside('/orders', () => import('./orders/orders-page.tsx')),
    inside('/confirm-rules', () => import('./orders/rules/confirm-rules-page.tsx')),
    inside('/choice-rules', () => import('./orders/rules/choice-rules-page.tsx')),
    inside('/gift-rules', () => import('./orders/rules/gift-rules-page.tsx')),
    inside('/extra-refunds', () => import('./orders/extra-refunds-page.tsx')),
    inside('/order-merges', () => import('./orders/merges-page.tsx')),
    inside('/blacklist', () => import('./orders/rules/blacklist-page.tsx')),
    inside('/print-desk', () => import('./fulfilment/desk/print-desk-page.tsx')),
    inside('/paper-templates', () => import('./fulfilment/papers/templates-page.tsx')),
    inside('/deliveries', () => import('./fulfilment/deliveries-page.tsx')),
    inside('/stations', () => import('./fulfilment/station/stations-page.tsx')),
    inside('/phones', () => import('./phone/phones-page.tsx')),
    inside('/waves', () => import('./fulfilment/waves/waves-page.tsx')),
    inside('/intercepts', () => import('./fulfilment/intercepts-page.tsx')),
    inside('/put-backs', () => import('./fulfilment/put-backs-page.tsx')),
    inside('/returns', () => import('./returns/returns-page.tsx')),
    inside('/receive-returns', () => import('./returns/receive-page.tsx')),
    inside('/unclaimed-parcels', () => import('./returns/parcels-page.tsx')),
    inside('/settlements', () => import('./finance/settlements-page.tsx')),
    inside('/bill-trades', () => import('./finance/bill-trades-page.tsx')),
    inside('/bill-days', () => import('./finance/bill-days-page.tsx')),
    inside('/products', () => import('./catalog/skus-page.tsx')),
    inside('/listings', () => import('./catalog/listings-page.tsx')),
    inside('/stock', () => import('./inventory/stock-page.tsx')),
    inside('/stock-documents', () => import('./inventory/documents-page.tsx')),
    inside('/stock-uploads', () => import('./stock-sync/uploads-page.tsx')),
    inside('/waybill-accounts', () => import('./fulfilment/accounts/waybill-accounts-page.tsx')),
    inside('/waybill-rules', () => import('./fulfilment/rules/waybill-rules-page.tsx')),
    inside('/count-tasks', () => import('./inventory/count-tasks-page.tsx')),
    inside('/bins', () => import('./inventory/bins-page.tsx')),
    inside('/warehouses', () => import('./inventory/warehouses-page.tsx')),
    inside('/shops', () => import('./shops/shops-page.tsx')),
    inside('/shops/connect', () => import('./shops/connect-page.tsx')),
    inside('/shops/relays', () => import('./shops/relays-page.tsx')),
    inside('/shops/$shopId', () => import('./shops/shop-page.tsx')),
    inside('/reports', () => import('./reports/reports-page.tsx')),
    inside('/tasks', () => import('./tasks/tasks-page.tsx')),
    inside('/platform-actions', () => import('./platform-actions/actions-page.tsx')),
    inside('/parked-items', () => import('./intake/parked/parked-page.tsx')),
    inside('/batches', () => import('./platform-actions/batches-page.tsx')),
    inside('/users', () => import('./users/users-page.tsx')),
    inside('/roles', () => import('./users/roles-page.tsx')),
    inside('/keys', () => import('./users/api-keys-page.tsx')),
    inside('/privacy', () => import('./privacy/privacy-page.tsx')),
    inside('/webhooks', () => import('./webhooks/webhooks-page.tsx')),
    inside('/alarm-channels', () => import('./alarms/alarm-channels-page.tsx')),
    inside('/health', () => import('./overview/health-page.tsx')),
    inside('/audit', () => import('./users/audit-page.tsx')),
    inside('/account', () => import('./users/account-page.tsx')),
    // Any other address shows "not found" inside the frame, so that the menu stays.
    createRoute({ getParentRoute: () => frame, path: '$', component: NotFound }),
  ]),
])

export const router = createRouter({
  routeTree: tree,
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  scrollRestoration: false,
})
