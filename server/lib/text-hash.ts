/**
 * FNV-1a over UTF-16, 32 bits, for facets of values that are not secret, such as goods. Rows store the hashes, so never change the
 * function.
 */
export function textHash(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

/** Returns the short name of a region: 浙江省 → 浙江; 内蒙古自治区 → 内蒙古. */
export function shortRegion(region: string): string {
  return region.length > 2 ? region.replace(/(壮族|回族|维吾尔)?自治区$|特别行政区$|省$|市$/, '') : region
}
