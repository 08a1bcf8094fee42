/**
 * FNV-1a over UTF-16, 32 bits, for facets of values that are not secret: goods and provinces. The hashes are stored in rows: never change
 * the function.
 */
export function textHash(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

/** Returns a region's short name: 浙江省 → 浙江; 内蒙古自治区 → 内蒙古. */
export function shortRegion(region: string): string {
  return region.length > 2 ? region.replace(/(壮族|回族|维吾尔)?自治区$|特别行政区$|省$|市$/, '') : region
}
