import { demoShops } from '../../sandbox/demo-shops.ts'
import type { ShopOptions } from '../../sandbox/world/model.ts'

export type BenchPlatform = 'tmall' | 'pinduoduo'

/** Returns shops of the simulator. Each has its own application and so its own quota. */
export function benchShops(count: number, platform: BenchPlatform = 'tmall'): ShopOptions[] {
  const like = demoShops.find((shop) => shop.platform === platform)
  if (!like) throw new Error('the demo has no shops')
  return Array.from({ length: count }, (_, at) => {
    const no = String(at + 1).padStart(3, '0')
    return {
      ...like,
      key: `shop-${no}`,
      name: `旗舰店 ${no}`,
      appKey: `24${no}001`,
      appSecret: like.appSecret.replace(/^.{3}/, no),
      sessionKey: like.sessionKey.replace(/^.{7}/, `6100${no}`),
      refreshToken: like.refreshToken.replace(/^.{7}/, `6101${no}`),
      trades: 0,
    }
  })
}
