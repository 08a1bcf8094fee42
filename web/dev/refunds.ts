import { pictures } from './trades.ts'

const at = (ms: number) => new Date(Date.now() + ms).toISOString()
const seeds: [buyer: string, title: string, picture: string, fen: number, minutes: number, kind: string, phase: string, reason: string, status: string][] = [
  ['陈*', '泰国乳胶枕', 'pillow', 19900, 107, 'refund_only', 'onsale', '', 'applied'],
  ['韩**', '泰国乳胶枕', 'pillow', 18450, 326, 'refund_only', 'onsale', '', 'applied'],
  ['何*', '全遮光窗帘', 'curtain', 28400, 338, 'return', 'aftersale', '', 'applied'],
  ['林**', '手作陶瓷马克杯', 'mug', 13600, 412, 'refund_only', 'onsale', '', 'applied'],
  ['曹*', '澳洲羊毛毯', 'blanket', 69900, 455, 'refund_only', 'aftersale', '', 'applied'],
  ['郭**', '60支长绒棉四件套', 'bed', 89900, 610, 'return', 'aftersale', '', 'applied'],
  ['吴**', '带轮收纳箱', 'box', 8900, 744, 'refund_only', 'aftersale', 'no_original', 'applied'],
  ['徐**', '桂花香薰蜡烛', 'candle', 7900, 1262, 'refund_only', 'onsale', '', 'applied'],
  ['孙*', '极简落地灯', 'lamp', 46900, 1310, 'return', 'aftersale', '', 'agreed'],
  ['高**', '加厚浴巾三件套', 'towel', 5900, 1388, 'exchange', 'aftersale', '', 'applied'],
  ['马**', '亚麻围裙', 'apron', 12900, 1402, 'refund_only', 'onsale', '', 'applied'],
]

export const refunds = seeds.map(([buyerMasked, title, picture, amountFen, minutes, kind, phase, reason, status], i) => ({
  id: String(i + 11), shopId: String((i % 6) + 1), refundNo: `RF82104473${9128 + i}`, tid: '2948105733618871136', oid: '1', state: 'staged', stateAt: at(-600_000), stateBy: '计划任务', status, platformStatus: 'WAIT_SELLER_AGREE',
  kind, phase, version: '1', amountFen, quantity: 1, deadline: at(minutes * 60_000), createdAt: at(-960_000), modifiedAt: at(-900_000), reason, error: '', outcome: '', orderId: reason ? null : '21', orderNo: reason ? '' : 'SO261123017964',
  title, spec: '标准款 60×40cm', pictureUrl: pictures[picture], buyerReason: '多拍、拍错、不想要', description: '一只就够了，另一只退掉，其余照发', goodsReceived: 'not_received', carrier: '', waybillNo: '', constraint: '', buyerMasked,
}))

export function refundDetail(id: string) {
  const row = refunds.find((r) => r.id === id) ?? refunds[0]!
  return {
    ...row,
    original: row.reason ? null : { tradeId: '1001', state: 'converted', orderId: '21', orderNo: 'SO261123017964', orderStatus: 'unconfirmed', paymentFen: 126700, refundedFen: 0, lines: [{ oid: '1', quantity: 2 }] },
    situation: 'unshipped_open',
    events: [{ id: '2', at: at(-840_000), event: 'changed', actorKind: 'system', actorName: '系统', detail: { status: 'applied' } }, { id: '1', at: at(-900_000), event: 'downloaded', actorKind: 'task', actorName: '计划任务', detail: { amountFen: row.amountFen } }],
    actions: [],
  }
}
