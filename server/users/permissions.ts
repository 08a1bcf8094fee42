/**
 * All permissions: name → [area, 中文, English]. Names never change, because roles and API keys store them. A route needs one of them, or is
 * `signed_in` (any user or key) or `public`.
 */
export const permissionTable = {
  'overview.read': ['overview', '查看总览', 'See the overview'],
  'queue.read': ['queue', '查看待下载', 'See the download queue'],
  'queue.write': ['queue', '下载、移除待下载', 'Fetch and remove queued trades'],
  'trades.read': ['trades', '查看交易', 'See trades'],
  'trades.convert': ['trades', '转销售单', 'Convert trades'],
  'trades.doubts': ['trades', '采用存疑的内容', 'Take values in doubt'],
  'trades.process': ['trades', '交易标记已处理', 'Mark trades processed'],
  'trades.remove': ['trades', '移除交易', 'Remove trades'],
  'trades.download': ['trades', '手工下载', 'Download on demand'],
  'trades.post': ['trades', '推送自有商城的交易和退款', 'Post trades and refunds of an own shop'],
  'trades.import': [
    'trades',
    '导入交易表格，下载发货表',
    'Import sheets of trades, take out sheets of parcels',
  ],
  'refunds.read': ['refunds', '查看退单', 'See refunds'],
  'refunds.convert': ['refunds', '转退单', 'Convert refunds'],
  'refunds.process': ['refunds', '退单标记已处理', 'Mark refunds processed'],
  'refunds.refuse': ['refunds', '拒绝退款', 'Refuse refunds'],
  'refunds.agree': ['refunds', '同意退款', 'Agree to refunds'],
  'refunds.duty': ['refunds', '判定退款责任', 'Say whose fault a refund was'],
  'refunds.extra': ['refunds', '登记额外退款', 'Book extra refunds'],
  'refunds.extra_approve': ['refunds', '审核额外退款', 'Approve extra refunds'],
  'orders.read': ['orders', '查看销售订单', 'See sales orders'],
  'orders.confirm': ['orders', '确认、放行问题', 'Confirm orders, waive problems'],
  'orders.unconfirm': ['orders', '反确认', 'Unconfirm orders'],
  'orders.edit': ['orders', '修改销售订单', 'Change sales orders'],
  'orders.split': ['orders', '拆单、合单', 'Split and merge orders'],
  'orders.lock': ['orders', '锁定、解锁自己的', 'Lock, and unlock own'],
  'orders.unlock': ['orders', '解锁别人锁定的', "Unlock others' locks"],
  'orders.rules': [
    'orders',
    '设置自动确认、仓库、快递和赠品规则',
    'Set the rules for confirming, warehouses, couriers and gifts',
  ],
  'orders.void': ['orders', '作废销售订单', 'Void sales orders'],
  'orders.restore': ['orders', '恢复作废', 'Restore voided orders'],
  'orders.ship_over_refund': ['orders', '退款中照发', 'Ship over an open refund'],
  'orders.hold': ['orders', '挂起、解除挂起', 'Hold and release'],
  'orders.create': ['orders', '手工建单、导入、复制', 'Create, import and copy orders'],
  'orders.blacklist': ['orders', '维护黑名单', 'Keep the blacklist'],
  'fulfilment.read': ['fulfilment', '查看发货单', 'See deliveries'],
  'fulfilment.release': ['fulfilment', '通知配货、取消配货', 'Release orders and take them back'],
  'fulfilment.ship': ['fulfilment', '填运单、发货、重新回写', 'Type waybills, ship, write back again'],
  'fulfilment.unship': ['fulfilment', '撤销发货', 'Undo shipping'],
  'fulfilment.papers': ['fulfilment', '设置打印模板', 'Set up print templates'],
  'aftersale.intercept': ['fulfilment', '处理拦截', 'Decide intercepts'],
  'aftersale.put_back': ['fulfilment', '放回商品', 'Put goods back'],
  'returns.read': ['returns', '查看退货单、无主件', 'See returns and unclaimed parcels'],
  'returns.write': ['returns', '新建、修改、确认、作废退货单', 'Make, change, confirm and void returns'],
  'returns.receive': ['returns', '退货收货、无主件、重新回写', 'Receive returns and unclaimed parcels'],
  'returns.settle': ['returns', '结算退货单', 'Settle returns'],
  'finance.read': ['finance', '查看结算单', 'See settlements'],
  'finance.approve': ['finance', '审批、反审批、作废结算单', 'Approve and void settlements'],
  'finance.post': ['finance', '结算单记账、结算', 'Post and settle settlements'],
  'finance.reconcile': ['finance', '导入平台账单、说明差异', "Import platforms' bills, explain differences"],
  'memo.write': ['orders', '写卖家备注', "Write the seller's memo"],
  'catalog.read': ['catalog', '查看商品', 'See products'],
  'catalog.write': ['catalog', '维护商品、匹配', 'Keep products and match listings'],
  'inventory.read': ['inventory', '查看库存', 'See stock'],
  'inventory.write': [
    'inventory',
    '管理仓库、填写和过账库存单据',
    'Keep warehouses, write and post stock documents',
  ],
  'inventory.upload': ['inventory', '设置和重推库存同步', 'Set up and resync stock upload'],
  'inventory.approve': ['inventory', '审核库存单据', 'Approve stock documents'],
  'shops.read': ['shops', '查看店铺', 'See shops'],
  'shops.write': ['shops', '接入、修改店铺', 'Connect and change shops'],
  'relays.serve': ['shops', '中继程序专用', 'For relays only'],
  'tasks.read': ['tasks', '查看计划任务', 'See tasks'],
  'tasks.write': ['tasks', '修改计划任务', 'Change tasks'],
  'tasks.run': ['tasks', '立即运行任务', 'Run tasks now'],
  'actions.read': ['actions', '查看平台回写', 'See platform actions'],
  'actions.write': ['actions', '处理平台回写', 'Handle platform actions'],
  'reports.read': ['reports', '查看报表', 'See reports'],
  'users.read': ['system', '查看用户', 'See users'],
  'users.write': ['system', '管理用户和角色', 'Manage users and roles'],
  'audit.read': ['system', '查看审计日志', 'See the audit log'],
  'api_keys.write': ['system', '管理接口密钥', 'Manage API keys'],
  'watchdogs.serve': ['system', '看门狗程序专用', 'For watchdogs only'],
  'webhooks.write': ['system', '管理事件推送', 'Manage webhooks'],
  'privacy.erase': [
    'system',
    '查找、导出、抹去买家个人信息',
    "Find, hand out and erase buyers' personal data",
  ],
  'personal.reveal': ['system', '查看买家隐私', "See buyers' personal data"],
  export: ['system', '导出', 'Export'],
} as const satisfies Record<string, readonly [string, string, string]>

export type Permission = keyof typeof permissionTable

export type RoutePermission = Permission | 'signed_in' | 'public'

export function isPermission(name: string): name is Permission {
  return Object.hasOwn(permissionTable, name)
}

export function namedPermission(name: Permission) {
  const [area, label, labelEn] = permissionTable[name]
  return { name, area, label, labelEn }
}

export const permissions: readonly Permission[] = Object.keys(permissionTable).filter(isPermission)

/** Returns the permissions in the list of a role or key. A name that this version does not know grants nothing. */
export function expand(list: readonly string[]): Set<Permission> {
  return new Set(list.includes('*') ? permissions : list.filter(isPermission))
}
