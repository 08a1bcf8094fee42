import type { CountedPath } from '../api-routes.ts'
import type { LocalizedPair } from '../words.ts'

export type MenuPage = {
  to: string
  words: LocalizedPair
  permission: string
  also?: string
  /** The list whose count, of its first tab, is shown beside the menu item. */
  counted?: CountedPath
  /** The filter of the count. It must equal the filter with which the page opens. */
  countedWith?: Record<string, string>
  /** The filter of the count by shop. Undefined: `shop`; empty: the list has none. */
  shopKey?: 'shopId' | ''
}

export type MenuSection = {
  key: string
  words: LocalizedPair
  to?: string
  permission?: string
  pages?: readonly MenuPage[] | undefined
  /** True: below the pages is a link for each platform, which opens one of `platformPages` with that platform only. */
  byPlatform?: true
}

/** The pages that have the platforms as tabs. */
export const platformPages: readonly string[] = [
  '/staged-trades',
  '/trade-history',
  '/staged-refunds',
  '/refund-history',
]

/** The menu, in the usual order of such products. Items without a page are left out. */
export const menu: readonly MenuSection[] = [
  { key: 'overview', words: ['总览', 'Overview'], to: '/', permission: 'overview.read' },
  {
    key: 'intake',
    words: ['接口', 'Intake'],
    byPlatform: true,
    pages: [
      {
        to: '/download-queue',
        words: ['待下载订单', 'Download queue'],
        permission: 'queue.read',
        counted: '/download-queue',
      },
      {
        to: '/staged-trades',
        words: ['待转入订单', 'Staged trades'],
        permission: 'trades.read',
        counted: '/staged-trades',
      },
      { to: '/trade-history', words: ['历史订单', 'Trade history'], permission: 'trades.read' },
      {
        to: '/staged-refunds',
        words: ['待转入退单', 'Staged refunds'],
        permission: 'refunds.read',
        counted: '/staged-refunds',
      },
      { to: '/refund-history', words: ['历史退单', 'Refund history'], permission: 'refunds.read' },
      { to: '/parked-items', words: ['异常数据', 'Unreadable data'], permission: 'trades.read' },
      {
        to: '/platform-actions',
        words: ['平台回写', 'Write-back'],
        permission: 'actions.read',
        counted: '/platform-actions',
        countedWith: { stock: 'without' },
        shopKey: 'shopId',
      },
    ],
  },
  {
    key: 'orders',
    words: ['订单', 'Orders'],
    pages: [
      { to: '/orders', words: ['销售订单', 'Sales orders'], permission: 'orders.read', counted: '/orders' },
      {
        to: '/extra-refunds',
        words: ['额外退款', 'Extra refunds'],
        permission: 'refunds.read',
        counted: '/extra-refunds',
      },
      { to: '/order-merges', words: ['合单建议', 'To be merged'], permission: 'orders.read' },
      { to: '/blacklist', words: ['黑名单', 'Blacklist'], permission: 'orders.read' },
    ],
  },
  {
    key: 'aftersale',
    words: ['退单', 'After-sale'],
    pages: [
      {
        to: '/aftersale',
        words: ['售后工作台', 'After-sale desk'],
        permission: 'refunds.read',
        counted: '/aftersale',
      },
      {
        to: '/intercepts',
        words: ['拦截', 'Intercepts'],
        permission: 'fulfilment.read',
        counted: '/intercepts',
      },
      {
        to: '/put-backs',
        words: ['待放回', 'Put back'],
        permission: 'fulfilment.read',
        counted: '/put-backs',
      },
      { to: '/refund-statistics', words: ['退款统计', 'Refund statistics'], permission: 'refunds.read' },
    ],
  },
  {
    key: 'returns',
    words: ['退货', 'Returns'],
    pages: [
      { to: '/returns', words: ['退货单', 'Returns'], permission: 'returns.read', counted: '/returns' },
      {
        to: '/receive-returns',
        words: ['退货收货', 'Receive returns'],
        permission: 'returns.receive',
        also: 'returns.read',
      },
      {
        to: '/unclaimed-parcels',
        words: ['无主件', 'Unclaimed parcels'],
        permission: 'returns.read',
        counted: '/unclaimed-parcels',
        shopKey: '',
      },
    ],
  },
  {
    key: 'fulfilment',
    words: ['发货', 'Shipping'],
    pages: [
      {
        to: '/print-desk',
        words: ['打单发货', 'Print and ship'],
        permission: 'fulfilment.read',
        counted: '/deliveries',
      },
      {
        to: '/waves',
        words: ['波次', 'Waves'],
        permission: 'fulfilment.read',
        counted: '/waves',
        shopKey: '',
      },
      { to: '/stations', words: ['验货台', 'Packing station'], permission: 'fulfilment.ship' },
      { to: '/phones', words: ['仓库手机', 'Warehouse phone'], permission: 'inventory.read' },
      { to: '/deliveries', words: ['发货单', 'Deliveries'], permission: 'fulfilment.read' },
      { to: '/paper-templates', words: ['打印模板', 'Print templates'], permission: 'fulfilment.read' },
    ],
  },
  {
    key: 'catalog',
    words: ['商品', 'Products'],
    pages: [
      { to: '/products', words: ['商品', 'Products'], permission: 'catalog.read' },
      {
        to: '/listings',
        words: ['平台商品', 'Listings'],
        permission: 'catalog.read',
        counted: '/listings',
      },
    ],
  },
  {
    key: 'inventory',
    words: ['库存', 'Inventory'],
    pages: [
      { to: '/stock', words: ['库存', 'Stock'], permission: 'inventory.read' },
      {
        to: '/stock-documents',
        words: ['库存单据', 'Stock documents'],
        permission: 'inventory.read',
        counted: '/stock-documents',
        shopKey: '',
      },
      {
        to: '/stock-uploads',
        words: ['库存同步', 'Stock upload'],
        permission: 'inventory.read',
        counted: '/stock-uploads',
      },
      {
        to: '/count-tasks',
        words: ['盘点任务', 'Counts'],
        permission: 'inventory.read',
        counted: '/count-tasks',
        shopKey: '',
      },
      { to: '/bins', words: ['库位', 'Bins'], permission: 'inventory.read' },
      { to: '/warehouses', words: ['仓库', 'Warehouses'], permission: 'inventory.read' },
    ],
  },
  {
    key: 'finance',
    words: ['财务', 'Finance'],
    pages: [
      {
        to: '/settlements',
        words: ['结算单', 'Settlements'],
        permission: 'finance.read',
        counted: '/settlements',
      },
      {
        to: '/bill-trades',
        words: ['平台对账', 'Bills'],
        permission: 'finance.read',
        counted: '/bill-trades',
      },
      { to: '/bill-days', words: ['按日对账', 'Bills by day'], permission: 'finance.read' },
    ],
  },
  { key: 'shops', words: ['店铺', 'Shops'], to: '/shops', permission: 'shops.read' },
  {
    key: 'strategy',
    words: ['策略', 'Strategy'],
    pages: [
      { to: '/confirm-rules', words: ['自动确认', 'Auto-confirm'], permission: 'orders.read' },
      { to: '/choice-rules', words: ['分仓选快递', 'Warehouse, courier'], permission: 'orders.read' },
      { to: '/gift-rules', words: ['赠品', 'Gifts'], permission: 'orders.read' },
      { to: '/waybill-accounts', words: ['电子面单', 'Waybill accounts'], permission: 'fulfilment.read' },
      { to: '/waybill-rules', words: ['取号规则', 'Number rules'], permission: 'fulfilment.read' },
    ],
  },
  { key: 'tasks', words: ['计划任务', 'Tasks'], to: '/tasks', permission: 'tasks.read' },
  { key: 'reports', words: ['报表', 'Reports'], to: '/reports', permission: 'reports.read' },
  {
    key: 'system',
    words: ['系统', 'System'],
    pages: [
      { to: '/users', words: ['用户', 'Users'], permission: 'users.read' },
      { to: '/roles', words: ['角色', 'Roles'], permission: 'users.read' },
      { to: '/keys', words: ['接口密钥', 'API keys'], permission: 'api_keys.write' },
      { to: '/webhooks', words: ['事件推送', 'Webhooks'], permission: 'webhooks.write' },
      { to: '/alarm-channels', words: ['告警通知', 'Alarm notices'], permission: 'tasks.write' },
      { to: '/health', words: ['健康', 'Health'], permission: 'tasks.write' },
      { to: '/privacy', words: ['个人信息', 'Personal data'], permission: 'privacy.erase' },
      { to: '/audit', words: ['审计日志', 'Audit log'], permission: 'audit.read' },
      { to: '/batches', words: ['批量操作', 'Batches'], permission: '' },
    ],
  },
]

export const menuPages: readonly MenuPage[] = menu.flatMap(
  ({ to = '', words, permission = '', pages }): readonly MenuPage[] => pages ?? [{ to, words, permission }],
)

/** Returns the page of the menu to which an address belongs. */
export function pageAt(address: string): MenuPage | undefined {
  const path = /^\/[^/?#]*/.exec(address)?.[0]
  return menuPages.find(({ to }) => to === path)
}

/** Returns the permissions that a page needs, by its address; none if the page is not in the menu. */
export function needsOf(address: string): readonly string[] {
  const page = pageAt(address)
  return [page?.permission ?? '', page?.also ?? ''].filter((each) => each !== '')
}
