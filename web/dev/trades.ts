const svg = (body: string, bg: string) => `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" fill="${bg}"/>${body}</svg>`)}`
export const pictures: Record<string, string> = {
  bed: svg('<rect x="7" y="15" width="18" height="7" fill="#8aa5c0"/><rect x="9" y="11" width="6" height="4" rx="1" fill="#fff"/><rect x="17" y="11" width="6" height="4" rx="1" fill="#fff"/>', '#dfe6ec'),
  pillow: svg('<rect x="6" y="10" width="20" height="12" rx="5" fill="#fbfaf6" stroke="#d9c9a8"/>', '#efe8dc'),
  lamp: svg('<path d="M12 8h8l3 9H9zM15 17h2v8h-2zM11 25h10v1H11z" fill="#333"/>', '#eceae6'),
  curtain: svg('<path d="M6 7h20v2H6zM7 9h7c0 8-2 10-4 15H7zM25 9h-7c0 8 2 10 4 15h3z" fill="#c6a681"/>', '#f0e9df'),
  blanket: svg('<rect x="8" y="10" width="16" height="4" rx="2" fill="#b98053"/><rect x="8" y="15" width="16" height="4" rx="2" fill="#a66e42"/><rect x="8" y="20" width="16" height="4" rx="2" fill="#915d36"/>', '#eddfd3'),
  towel: svg('<rect x="8" y="12" width="16" height="4" fill="#fff"/><rect x="8" y="17" width="16" height="5" fill="#cfd4da"/>', '#e9ecef'),
  mug: svg('<rect x="9" y="10" width="11" height="12" rx="2" fill="#6d9c86"/><path d="M20 13h4v6h-4" fill="none" stroke="#6d9c86" stroke-width="2"/>', '#e3ece6'),
  box: svg('<rect x="7" y="11" width="18" height="12" rx="1" fill="#b9c7b5"/>', '#e6ebe3'),
  candle: svg('<rect x="13" y="13" width="6" height="10" fill="#d9a441"/><rect x="15.3" y="8" width="1.4" height="4" fill="#e4b95e"/>', '#f3ebdc'),
  apron: svg('<path d="M12 8h8l3 7v9H9v-9z" fill="#2e3f63"/>', '#e4e6ec'),
}

type Seed = [tid: string, shop: number, receiver: string, region: string, goods: string, picture: string, spec: string, quantity: number, lineCount: number, pieces: number, message: string, flag: number, memo: string, fen: number, paidHoursAgo: number, leftMinutes: number, reason: string]
const seeds: Seed[] = [
  ['2948105733618820417', 1, '王** 138****1234', '浙江 杭州 余杭区', '60支长绒棉四件套', 'bed', '雾蓝 / 1.8m 床', 1, 3, 4, '麻烦周四前送到，搬家用', 1, '已改地址 · 小李', 126800, 49, -64, ''],
  ['2948105733618871136', 2, '陈* 186****7702', '江苏 苏州 吴中区', '泰国乳胶枕', 'pillow', '标准款 60×40cm', 2, 1, 2, '两只枕头分开包装，谢谢', 0, '', 39800, 46, 107, 'refund_open'],
  ['2948105733619004528', 1, '欧阳** 159****0386', '广东 深圳 南山区', '极简落地灯', 'lamp', '黑 / 三档调光', 1, 1, 1, '', 4, '补差价 10 元已收', 46900, 45, 186, ''],
  ['2948105733619123307', 1, '李** 133****5519', '四川 成都 武侯区', '全遮光窗帘', 'curtain', '燕麦 / 2.0×2.7m', 4, 2, 5, '左右各两片，别少发', 0, '', 113600, 44, 208, ''],
  ['6923847120558103', 5, '周** 177****9048', '北京 朝阳区', '澳洲羊毛毯', 'blanket', '驼色 150×200cm', 1, 1, 1, '', 0, '', 69900, 44, 236, 'platform_hold'],
  ['241122-508814427731904', 3, '赵** 虚拟号 8821', '河南 郑州 金水区', '加厚浴巾三件套', 'towel', '米白', 3, 1, 3, '', 0, '', 17700, 43, 277, ''],
  ['2948105733620550193', 2, '刘** 150****6630', '上海 浦东新区', '手作陶瓷马克杯', 'mug', '青釉 350ml', 6, 2, 8, '送礼，不要放价格单', 5, 'VIP，优先发', 52400, 42, 372, ''],
  ['2948105733620981745', 1, '孙* 139****2207', '湖北 武汉 洪山区', '60支长绒棉四件套', 'bed', '雾蓝 / 1.8m 床', 1, 1, 1, '颜色要和上次一样的', 2, '等补货 11-26 到', 89900, 41, 401, ''],
  ['2948105733621330862', 1, '吴** 188****4471', '福建 厦门 思明区', '带轮收纳箱', 'box', '大号 66L', 3, 1, 3, '', 0, '', 26700, 40, 454, 'fetching'],
  ['6921553900718842617', 4, '郑** 虚拟号 3305', '山东 青岛 市南区', '桂花香薰蜡烛', 'candle', '180g', 2, 2, 3, '', 0, '', 15800, 40, 486, ''],
  ['2948105733622017759', 2, '黄** 136****8895', '湖南 长沙 岳麓区', '亚麻围裙', 'apron', '藏青 / 均码', 1, 1, 1, '不要发圆通，发顺丰我补差价，谢谢老板', 0, '', 12900, 30, 1058, ''],
  ['2948105733622148036', 1, '徐** 152****3310', '辽宁 大连 沙河口区', '澳洲羊毛毯', 'blanket', '驼色 150×200cm', 2, 1, 2, '', 3, '', 139800, 29, 1111, 'final_unpaid'],
  ['2948105733622390271', 1, '何* 181****6054', '陕西 西安 雁塔区', '泰国乳胶枕', 'pillow', '标准款 60×40cm', 1, 1, 1, '请备注送货前打电话', 0, '', 19900, 29, 1139, ''],
  ['241123-118402557316482', 3, '马** 虚拟号 1190', '安徽 合肥 蜀山区', '加厚浴巾三件套', 'towel', '米白', 1, 2, 2, '', 0, '', 11800, 28, 1186, ''],
]
const at = (ms: number) => new Date(Date.now() + ms).toISOString()

export const trades = Array.from({ length: 100 }, (_, i) => {
  const [tid, shop, receiver, region, title, picture, spec, quantity, lineCount, pieces, message, flag, memo, fen, paid, left, reason] = seeds[i % seeds.length]!
  const round = Math.floor(i / seeds.length)
  const line = { title, spec, pictureUrl: pictures[picture]!, quantity, refund: reason === 'refund_open' ? 'applied' : 'none' }
  return {
    id: String(1000 + i), shopId: String(shop), tid: round === 0 ? tid : tid.slice(0, -3) + String(100 + i), state: reason === 'fetching' ? 'fetching' : 'staged', stateAt: at(-7_200_000), stateBy: '计划任务',
    status: 'paid', platformStatus: 'WAIT_SELLER_SEND_GOODS', type: 'normal', reason, holds: reason === 'platform_hold' ? ['风控审核，约 2 小时放行'] : [], orderedAt: at(-paid * 3_600_000 - 90_000), paidAt: at(-paid * 3_600_000), shipBy: at((left + round * 1100) * 60_000),
    modifiedAt: at(-3_600_000), cod: false, flag, paymentFen: fen, postFeeFen: 0, quantity: pieces, lineCount, openRefunds: 0, linesApplied: 0, linesRefunded: 0, buyerMessage: message, sellerMemo: memo, buyerMasked: 't**1',
    receiverMasked: receiver, region, note: '', orderId: null, orderNo: '', lines: [line, { ...line, title: '加厚浴巾三件套' }].slice(0, lineCount),
    fetch: reason === 'fetching' ? { tries: 3, error: '超时', nextAt: at(120_000) } : null,
  }
})

export function tradeDetail(id: string) {
  const row = trades.find((t) => t.id === id) ?? trades[0]!
  return {
    ...row, discountFen: 8900,
    lines: row.lines.map((line, i) => ({ ...line, oid: `${row.tid}${i}`, status: 'paid', platformStatus: 'WAIT', refundId: '', itemId: '1', skuId: '2', outerItemId: 'SY-4401', outerSkuId: 'SY-4401-01', priceFen: Math.round(row.paymentFen / 2), paymentFen: Math.round(row.paymentFen / 2), discountFen: 2900 })),
    events: [
      { id: '1', at: at(-7_200_000), event: 'downloaded', actorKind: 'task', actorName: '计划任务', detail: { status: 'paid' } },
      { id: '2', at: at(-3_600_000), event: 'changed', actorKind: 'task', actorName: '平台', detail: { fields: ['memo', 'flag'] } },
    ],
    refunds: row.reason === 'refund_open' ? [{ id: '11', refundNo: 'RF821044739061', oid: '', state: 'staged', status: 'applied', kind: 'refund_only', amountFen: 19900, deadline: at(3_600_000) }] : [],
    actions: [{ action: 'convert', allowed: row.reason === '', code: row.reason }, { action: 'remove', allowed: true, code: '' }, { action: 'process', allowed: true, code: '' }],
  }
}
