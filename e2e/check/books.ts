/** The true state by the simulator: money in fen, times in epoch seconds (0: never), ids as text. */
export type TradeBook = {
  kind: 'trade'
  shop: string
  tid: string
  type: string
  status: string
  created: number
  modified: number
  paid: number
  consigned: number
  ended: number
  payment: number
  postFee: number
  stepStatus: string
  hold: string
  flag: number
  memo: string
  message: string
  hostile: boolean
  receiver: { name: string; mobile: string; state: string; city: string; district: string; address: string }
  lines: LineBook[]
  refunds: string[]
}

export type LineBook = {
  oid: string
  numIid: string
  skuId: string
  outerIid: string
  outerSkuId: string
  num: number
  price: number
  dividedFee: number
  status: string
  refundStatus: string
  refundId: string
  /** The kind of the line's last refund; empty: it has none. */
  refundKind: string
  waybill: string
  /** How often our program shipped the line. */
  shipments: number
}

export type RefundBook = {
  kind: 'refund'
  shop: string
  refundId: string
  tid: string
  oid: string
  type: string
  status: string
  phase: string
  fee: number
  num: number
  version: number
  created: number
  modified: number
  deadline: number
}

export type Deed = {
  shop: string
  action: string
  key: string
  at: number
  accepted: boolean
  detail: Record<string, string>
}

export type ShopBooks = {
  key: string
  name: string
  platform: string
  trades: Map<string, TradeBook>
  refunds: Map<string, RefundBook>
  deeds: Deed[]
}

type ShopAnswer = { shops: { key: string; name: string; platform: string }[] }

/** Reads the simulator's true states of every shop. */
export async function readBooks(controlUrl: string): Promise<ShopBooks[]> {
  const { shops } = await getJson<ShopAnswer>(`${controlUrl}/shops`)
  return Promise.all(shops.map((shop) => readShop(controlUrl, shop)))
}

async function readShop(controlUrl: string, shop: ShopAnswer['shops'][number]): Promise<ShopBooks> {
  const response = await fetch(`${controlUrl}/books/${shop.key}`)
  const rows = (await response.text())
    .split('\n')
    .filter(Boolean)
    .map((line): TradeBook | RefundBook => JSON.parse(line))
  const { deeds } = await getJson<{ deeds: Deed[] }>(`${controlUrl}/done?shop=${shop.key}`)
  return {
    key: shop.key,
    name: shop.name,
    platform: shop.platform,
    trades: new Map(rows.filter((row) => row.kind === 'trade').map((row) => [row.tid, row])),
    refunds: new Map(rows.filter((row) => row.kind === 'refund').map((row) => [row.refundId, row])),
    deeds,
  }
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answers ${response.status}`)
  // The simulator's README documents this type.
  return response.json() as Promise<T>
}
