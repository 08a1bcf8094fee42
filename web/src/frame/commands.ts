import type { LocalizedPair } from '../words.ts'

export const commands: readonly {
  words: LocalizedPair
  to: string
  search?: Record<string, string>
  permission: string
}[] = [
  {
    words: ['下载订单', 'Download trades'],
    to: '/staged-trades',
    search: { do: 'download' },
    permission: 'trades.download',
  },
  {
    words: ['下载退单', 'Download refunds'],
    to: '/staged-refunds',
    search: { do: 'download' },
    permission: 'trades.download',
  },
  {
    words: ['粘贴单号', 'Paste trade numbers'],
    to: '/staged-trades',
    search: { do: 'paste' },
    permission: 'trades.read',
  },
  {
    words: ['看不可转的交易', 'See what cannot be converted'],
    to: '/staged-trades',
    search: { tab: 'blocked' },
    permission: 'trades.read',
  },
  { words: ['手工建单', 'New order'], to: '/orders', search: { do: 'add' }, permission: 'orders.create' },
  {
    words: ['导入订单', 'Import orders'],
    to: '/orders',
    search: { do: 'import' },
    permission: 'orders.create',
  },
  {
    words: ['看问题单', 'See problem orders'],
    to: '/orders',
    search: { tab: 'problem' },
    permission: 'orders.read',
  },
  {
    words: ['看缺货的订单', 'See short orders'],
    to: '/orders',
    search: { tab: 'short' },
    permission: 'orders.read',
  },
  {
    words: ['批量填运单', 'Waybills in bulk'],
    to: '/deliveries',
    search: { do: 'import' },
    permission: 'fulfilment.ship',
  },
  { words: ['新建退货单', 'New return'], to: '/returns', search: { do: 'add' }, permission: 'returns.write' },
  {
    words: ['看有问题的退货', 'See problem returns'],
    to: '/returns',
    search: { tab: 'problem' },
    permission: 'returns.read',
  },
  {
    words: ['登记无主件', 'Register an unclaimed parcel'],
    to: '/unclaimed-parcels',
    search: { do: 'add' },
    permission: 'returns.receive',
  },
  {
    words: ['看回写失败的发货', 'See failed write-backs'],
    to: '/deliveries',
    search: { tab: 'failed' },
    permission: 'fulfilment.read',
  },
  {
    words: ['看挂起的订单', 'See held orders'],
    to: '/orders',
    search: { tab: 'held' },
    permission: 'orders.read',
  },
  {
    words: ['看快到期的退款', 'See refunds that are due'],
    to: '/staged-refunds',
    search: { tab: 'due' },
    permission: 'refunds.read',
  },
  {
    words: ['看未匹配的平台商品', 'See unmatched listings'],
    to: '/listings',
    search: { tab: 'unmatched' },
    permission: 'catalog.read',
  },
  { words: ['新增 SKU', 'Add a SKU'], to: '/products', search: { do: 'add' }, permission: 'catalog.write' },
  {
    words: ['导入商品', 'Import products'],
    to: '/products',
    search: { do: 'import' },
    permission: 'catalog.write',
  },
  {
    words: ['导入匹配', 'Import matches'],
    to: '/listings',
    search: { do: 'import' },
    permission: 'catalog.write',
  },
  {
    words: ['看缺货的库存', 'See what is short'],
    to: '/stock',
    search: { tab: 'short' },
    permission: 'inventory.read',
  },
  {
    words: ['新建库存单据', 'New stock document'],
    to: '/stock-documents',
    search: { do: 'add' },
    permission: 'inventory.write',
  },
  {
    words: ['新盘点', 'New count'],
    to: '/count-tasks',
    search: { do: 'add' },
    permission: 'inventory.write',
  },
  {
    words: ['店铺库存同步设置', 'Stock upload of a shop'],
    to: '/stock-uploads',
    search: { do: 'shop' },
    permission: 'inventory.read',
  },
  {
    words: ['新增电子面单账号', 'Add a waybill account'],
    to: '/waybill-accounts',
    search: { do: 'add' },
    permission: 'shops.write',
  },
  {
    words: ['建波次', 'Make waves'],
    to: '/waves',
    search: { do: 'plan' },
    permission: 'fulfilment.ship',
  },
  {
    words: ['新增库位', 'Add a bin'],
    to: '/bins',
    search: { do: 'add' },
    permission: 'inventory.write',
  },
  {
    words: ['导入库位', 'Import bins'],
    to: '/bins',
    search: { do: 'import' },
    permission: 'inventory.write',
  },
  {
    words: ['新增仓库', 'Add a warehouse'],
    to: '/warehouses',
    search: { do: 'add' },
    permission: 'inventory.write',
  },
  { words: ['立即运行任务', 'Run a task now'], to: '/tasks', search: { do: 'run' }, permission: 'tasks.run' },
  { words: ['接入店铺', 'Connect a shop'], to: '/shops/connect', permission: 'shops.write' },
  { words: ['新增用户', 'Add a user'], to: '/users', search: { do: 'add' }, permission: 'users.write' },
  { words: ['新增角色', 'Add a role'], to: '/roles', search: { do: 'add' }, permission: 'users.write' },
  { words: ['新增密钥', 'New API key'], to: '/keys', search: { do: 'add' }, permission: 'api_keys.write' },
  { words: ['账号与安全', 'Account and security'], to: '/account', permission: '' },
]
