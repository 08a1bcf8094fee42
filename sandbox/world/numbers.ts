import type { Platform } from './model.ts'

/** On Douyin products have 19 digits and SKUs 17, which no JavaScript number holds; on Paipai items have 32 hexadecimal digits. */
export const itemNumber = (platform: Platform, hash: number): string =>
  platform === 'paipai'
    ? `${hash.toString(16).toUpperCase().padStart(8, '0')}${'0'.repeat(18)}04010A`
    : platform === 'xiaohongshu'
      ? objectId('67b6', hash)
      : `${platform === 'doudian' ? '3539925' : ''}${620_000_000_000 + (hash % 90_000_000_000)}`

/** Platforms besides Pinduoduo and Douyin on which a listing with a single variety also has a SKU. */
export const HAS_SKUS: ReadonlySet<Platform> = new Set(['weixin', 'kuaishou', 'jd', 'xiaohongshu', 'shopify'])

const ONLY_SKUS: ReadonlySet<Platform> = new Set(['jd', 'xiaohongshu', 'shopify'])
/** On Kuaishou the merchant's own number of a product is a number; on JD and Shopify, and in orders of Xiaohongshu, only SKUs have one. */
export const outerIidOf = (platform: Platform, code: string, index: number): string =>
  platform === 'kuaishou' ? String(70_000 + index) : ONLY_SKUS.has(platform) ? '' : code

export function skuNumber(platform: Platform, hash: number): string {
  if (platform === 'xiaohongshu') return objectId('64a0', hash)
  const first = platform === 'pinduoduo' ? 900_000_000_000 : 4_800_000_000_000
  return `${platform === 'doudian' ? '1739' : ''}${first + (hash % 900_000_000)}`
}

/** On Xiaohongshu products and SKUs have 24 hexadecimal digits. */
const objectId = (head: string, hash: number): string =>
  `${head}831c7b3d${hash.toString(16).padStart(12, '0')}`
