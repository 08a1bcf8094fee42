const at = (ms: number) => new Date(Date.now() + ms).toISOString()
const min = 60_000
const rows: [number, number, string, number, number, number, { zh: string; en: string } | null][] = [
  [1, 32, 'paused', 8214, 5930, 2284, { zh: '授权失效，已停', en: 'Authorisation ended' }],
  [2, 2, 'complete', 4077, 3118, 959, null],
  [3, 5, 'complete', 6350, 5801, 549, null],
  [4, 2, 'complete', 2916, 2240, 676, null],
  [5, 16, 'chasing', 1462, 1105, 357, { zh: '限流，追赶中', en: 'Rate limited, catching up' }],
  [6, 2, 'complete', 388, 301, 87, null],
]
export const coverage = rows.map(([shop, behind, state, seen, created, updated, reason]) => ({
  shopId: String(shop), stream: 'trades', completeTo: at(-behind * min), behindMs: behind * min, state, reason, seen, created, updated, skipped: 40,
  windows: [[-124, -94], [-94, -64], [-64, -34], [-34, shop === 1 ? -2 : -2]].map(([f, t], i) => ({ from: at(f! * min), to: at(t! * min), state: i === 3 && shop === 1 ? 'failed' : i === 3 && shop === 5 ? 'running' : 'done' })),
}))

export const overview = {
  queues: [
    { key: 'download', count: 1204, capped: false, oldestMs: 2 * min, note: { code: 'none', count: 0 } },
    { key: 'fetching', count: 312, capped: false, oldestMs: 6 * min, note: { code: 'none', count: 0 } },
    { key: 'staged', count: 12480, capped: false, oldestMs: null, note: { code: 'convertible', count: 10534 } },
    { key: 'unconfirmed', count: 3206, capped: false, oldestMs: 48 * min, note: { code: 'none', count: 0 } },
    { key: 'held', count: 96, capped: false, oldestMs: null, note: { code: 'refund_open', count: 41 } },
    { key: 'differs', count: 41, capped: false, oldestMs: 300 * min, note: { code: 'none', count: 0 } },
    { key: 'write_back', count: 58, capped: false, oldestMs: null, note: { code: 'failed', count: 7 } },
    { key: 'refunds', count: 86, capped: false, oldestMs: null, note: { code: 'due', count: 9 } },
  ],
  stuck: [
    { code: 'refund_open', count: 842, where: 'staged', needsPerson: true },
    { code: 'platform_hold', count: 517, where: 'staged', needsPerson: false },
    { code: 'final_unpaid', count: 431, where: 'staged', needsPerson: false },
    { code: 'detail_failed', count: 156, where: 'fetching', needsPerson: true },
    { code: 'on_hold', count: 96, where: 'unconfirmed', needsPerson: true },
    { code: 'no_original', count: 3, where: 'refunds', needsPerson: true },
    { code: 'write_back_failed', count: 7, where: 'write_back', needsPerson: true },
  ],
  alarms: [
    { id: '1', tone: 'bad', title: { zh: '山隅家居旗舰店授权 14:02 失效', en: 'Authorisation ended at 14:02' }, detail: { zh: '订单不会丢，授权后从 14:02 补下', en: 'Nothing is lost' }, since: at(-32 * min), to: '/shops', act: { zh: '去授权', en: 'Authorise' } },
    { id: '2', tone: 'bad', title: { zh: '已退款仍未拦截 2 单', en: '2 refunded, not stopped' }, detail: { zh: 'SO…017703、SO…017698，合计 ¥398.00', en: '¥398.00' }, since: at(-11 * min), to: '/orders?tab=held', act: { zh: '立即挂起', en: 'Hold now' } },
    { id: '3', tone: 'warn', title: { zh: '9 笔退款 4 小时内到期', en: '9 refunds due within 4 h' }, detail: { zh: '到期不处理视为同意，共 ¥2,316.00', en: '¥2,316.00' }, since: null, to: '/staged-refunds?tab=due', act: { zh: '去处理', en: 'Handle' } },
  ],
  hours: { today: [410, 270, 150, 90, 75, 85, 200, 520, 990, 1420, 1810, 1690, 1540, 1760, 1100], yesterday: [400, 240, 140, 95, 80, 95, 190, 490, 920, 1290, 1650, 1570, 1440, 1620, 1690, 1540, 1440, 1310, 1250, 1540, 1990, 2208, 1790, 980], hour: 14 },
}

const counts = { pages: 9, requests: 12, skipped: { unchanged: 42 }, report: null, stopRequested: false, requestedBy: null, params: {}, askedFrom: null, askedTo: null }
export const runs = [
  ['5', 'running', 212, 64, 31, 0, 24, '', ''], ['2', 'done', 884, 602, 240, 0, 11, '', ''], ['1', 'failed', 0, 0, 0, 0, 1, 'reauthorise', '平台答 invalid-sessionkey'], ['4', 'done', 437, 318, 96, 0, 8, '', ''], ['6', 'done', 52, 41, 11, 0, 2, '', ''], ['3', 'done', 1163, 1020, 98, 2, 19, '', ''],
  ['2', 'done', 811, 566, 211, 0, 10, '', ''], ['4', 'done', 402, 297, 88, 0, 7, '', ''], ['5', 'done', 388, 290, 71, 0, 41, '', ''], ['1', 'done', 1348, 977, 322, 0, 16, '', ''],
].map(([shopId, state, seen, created, updated, failed, seconds, errorCode, error], i) => ({
  ...counts, id: String(100 - i), taskId: String(shopId), kind: 'trade_list', kindName: { zh: '交易下载', en: 'Trade download' }, shopId, state, trigger: 'schedule', requestedAt: at(-i * 40_000), startedAt: at(-i * 40_000), endedAt: state === 'running' ? null : at(-i * 40_000 + Number(seconds) * 1000),
  durationMs: state === 'running' ? null : Number(seconds) * 1000, windowFrom: at(-i * 40_000 - 32 * min), windowTo: at(-i * 40_000), seen, created, updated, failed, errorCode, error,
}))

const kinds: [string, string, string, number][] = [['trade_list', '交易下载', 'Trade download', 120], ['trade_detail', '明细下载', 'Trade details', 15], ['refund_list', '退单下载', 'Refund download', 120], ['auto_convert_trades', '自动转单', 'Convert trades', 60], ['reconciliation', '对账补漏', 'Reconciliation', 0]]
export const tasks = kinds.flatMap(([kind, zh, en, every], k) => rows.map(([shop, , state], i) => ({
  id: String(k * 10 + i + 1), kind, kindName: { zh, en }, name: '', shopId: String(shop), enabled: kind !== 'auto_convert_trades' || i < 6, schedule: every ? { everySeconds: every } : { cron: '30 3 * * *', timeZone: 'Asia/Shanghai' }, params: kind === 'auto_convert_trades' ? { minutesAfterPayment: 15 } : { overlapSeconds: 60 },
  paramsSchema: { type: 'object', properties: { overlapSeconds: { type: 'integer', default: 60, minimum: 0 }, skipWithMemo: { type: 'boolean', default: false } } }, state: state === 'paused' ? 'paused' : 'waiting', pausedReasons: state === 'paused' ? ['auth_expired'] : [], bannedUntil: null, nextRunAt: at(min), queued: 0, failures: 0, lastRun: runs[i],
})))
