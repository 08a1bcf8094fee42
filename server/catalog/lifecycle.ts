import type { LocalizedText } from '../lib/localized-text.ts'

/** The status of a listing in its shop. `seen`: known only from trades; `gone`: no longer in the shop's list. */
export const listingStatuses = ['on_sale', 'in_stock', 'gone', 'seen'] as const
export type ListingStatus = (typeof listingStatuses)[number]

/** How the SKU of a listing was found: by the outer code, by a user, or by a user's sheet. */
export const matchWays = ['outer_id', 'hand', 'import'] as const
export type MatchWay = (typeof matchWays)[number]

export const listingStatusWords: Record<ListingStatus, LocalizedText> = {
  on_sale: { zh: '出售中', en: 'On sale' },
  in_stock: { zh: '仓库中', en: 'Not on sale' },
  gone: { zh: '已下架删除', en: 'Gone' },
  seen: { zh: '交易里见过', en: 'On trades' },
}

export const matchWayWords: Record<MatchWay, LocalizedText> = {
  outer_id: { zh: '按编码', en: 'By code' },
  hand: { zh: '人工', en: 'By hand' },
  import: { zh: '导入', en: 'Imported' },
}
