import { trades } from './trades.ts'

const statuses = ['unconfirmed', 'released', 'released', 'confirmed', 'unconfirmed', 'unconfirmed', 'confirmed', 'released', 'unconfirmed', 'shipped']
const at = (ms: number) => new Date(Date.now() + ms).toISOString()

export const orders = trades.slice(0, 60).map((t, i) => ({
  id: String(21 + i), no: `SO261124018${342 - i * 7}`, shopId: t.shopId, origin: 'trade', tid: t.tid, status: statuses[i % 10], version: 1, cod: false, receiverMasked: t.receiverMasked, region: t.region, lines: t.lines, lineCount: t.lineCount, quantity: t.quantity,
  buyerMessage: t.buyerMessage, sellerMemo: t.sellerMemo, flag: t.flag, paymentFen: t.paymentFen, refundedFen: 0, paidAt: t.paidAt, shipBy: t.shipBy, createdAt: at(-i * 3_000_000), createdBy: '计划任务', openHolds: i === 2 ? 1 : 0, holdReasons: i === 2 ? ["refund_open"] : [], differenceKinds: [], currency: "CNY", refundedQuantity: 0, refundState: "none", differences: i === 4 ? 1 : 0, voidReason: '',
}))

export function orderDetail(id: string) {
  const row = orders.find((o) => o.id === id) ?? orders[0]!
  return {
    ...row, orderedAt: at(-180_000_000), goodsFen: 135600, discountFen: 8900, postFeeFen: 0, extraPendingFen: 1000, extraLimitFen: 100000, paymentFen: 126700,
    lines: [['60支长绒棉四件套', '雾蓝 / 1.8m 床', 1, 89900, 6000, 83900], ['泰国乳胶枕', '标准款 60×40cm', 2, 19900, 2900, 36900], ['加厚浴巾三件套', '米白', 1, 5900, 0, 5900]].map(([title, spec, quantity, priceFen, discountFen, paymentFen], i) => ({ lineNo: i + 1, oid: String(i), title, spec, pictureUrl: trades[[0, 1, 5][i]!]!.lines[0]!.pictureUrl, quantity, outerCode: 'SY-44', skuId: null, refundedQuantity: 0, priceFen, discountFen, paymentFen, refundedFen: 0 })),
    holds: row.openHolds ? [{ id: '1', reason: 'refund_open', note: '等退款 …9061 关闭', source: 'refund', heldBy: '系统', heldAt: at(-900_000), until: null, releasedAt: null }] : [],
    openDifferences: [{ id: "1", kind: "memo", old: "", new: '补差价 10 元已收', seenAt: at(-3_000_000) }],
    events: [{ id: '3', at: at(-900_000), event: 'hold', actorKind: 'system', actorName: '系统', detail: { reason: 'refund_open', amountFen: 18450 } }, { id: '2', at: at(-3_000_000), event: 'difference', actorKind: 'system', actorName: '平台', detail: { kind: 'memo', newValue: '补差价 10 元已收' } }, { id: '1', at: at(-30_000_000), event: 'converted', actorKind: 'task', actorName: '计划任务', detail: {} }],
    refunds: [{ id: '12', refundNo: 'RF821044739061', status: "applied", effect: "hold", amountFen: 18450 }],
    extraRefunds: [{ id: '1', no: 'XR2611240001', kind: 'compensation', amountFen: 1000, status: 'draft' }], actions: [],
  }
}
