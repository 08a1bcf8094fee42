import type { VerbTable } from '../core/verbs-contract.ts'

const permission = 'catalog.write'

export const listingVerbs = {
  match: {
    path: '/listings/match',
    permission,
    summary: 'Match listings with a SKU',
    words: ['匹配', 'Match'],
    done: ['{n} 个平台商品已匹配', '{n} matched'],
    bulk: { name: 'listings.match', words: ['批量匹配', 'Match listings'] },
    audit: { 'listing.match': ['匹配平台商品', 'Listing matched'] },
  },
  again: {
    path: '/listings/match-again',
    permission,
    summary: 'Let the outer codes decide again',
    words: ['重新自动匹配', 'Match by code'],
    done: ['{n} 个按编码匹配上了', '{n} matched by code'],
    bulk: { name: 'listings.match_again', words: ['批量重新自动匹配', 'Match listings by code again'] },
    audit: { 'listing.match_again': ['重新自动匹配', 'Listing matched by code again'] },
  },
  unmatch: {
    path: '/listings/unmatch',
    permission,
    summary: 'Take matches back',
    words: ['取消匹配', 'Unmatch'],
    done: ['{n} 个已取消匹配', '{n} unmatched'],
    bulk: { name: 'listings.unmatch', words: ['批量取消匹配', 'Unmatch listings'] },
    audit: { 'listing.unmatch': ['取消匹配', 'Listing unmatched'] },
  },
} as const satisfies VerbTable

export const skuVerbs = {
  retire: {
    path: '/skus/retire',
    permission,
    summary: 'Retire SKUs',
    words: ['停用', 'Retire'],
    done: ['{n} 个 SKU 已停用', '{n} retired'],
    bulk: { name: 'skus.retire', words: ['批量停用 SKU', 'Retire SKUs'] },
    audit: { 'sku.retire': ['停用 SKU', 'SKU retired'] },
  },
  revive: {
    path: '/skus/revive',
    permission,
    summary: 'Bring retired SKUs back',
    words: ['恢复', 'Bring back'],
    done: ['{n} 个 SKU 已恢复', '{n} back in use'],
    bulk: { name: 'skus.revive', words: ['批量恢复 SKU', 'Bring SKUs back'] },
    audit: { 'sku.revive': ['恢复 SKU', 'SKU brought back'] },
  },
} as const satisfies VerbTable
