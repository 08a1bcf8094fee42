import type { ShopOptions } from './world/model.ts'

/** The shops of the demo with the credentials to connect them, which are valid for the simulator only. */
export const demoShops: readonly ShopOptions[] = [
  {
    platform: 'tmall',
    key: 'shanyu-tmall',
    name: '山隅家居旗舰店',
    appKey: '23451001',
    appSecret: '5f1c0d7a9e3b48d6a2c4e8f01b3d5a79',
    sessionKey: '6100a1b2c3d4e5f60718293a4b5c6d7e8f9001',
    refreshToken: '6101f0e1d2c3b4a5968778695a4b3c2d1e0f01',
    trades: 420,
  },
  {
    platform: 'taobao',
    key: 'shanyu-taobao',
    name: '山隅生活集市',
    appKey: '23451001',
    appSecret: '5f1c0d7a9e3b48d6a2c4e8f01b3d5a79',
    sessionKey: '6100a1b2c3d4e5f60718293a4b5c6d7e8f9002',
    refreshToken: '6101f0e1d2c3b4a5968778695a4b3c2d1e0f02',
    trades: 360,
  },
  {
    platform: 'tmall',
    key: 'yunqi-tmall',
    name: '云栖家纺旗舰店',
    appKey: '23451002',
    appSecret: '8c2e4a6f0b1d3c5e7a9f1b3d5c7e9a0b',
    sessionKey: '6100a1b2c3d4e5f60718293a4b5c6d7e8f9003',
    refreshToken: '6101f0e1d2c3b4a5968778695a4b3c2d1e0f03',
    trades: 300,
  },
  {
    platform: 'pinduoduo',
    key: 'shanyu-pdd',
    name: '山隅家纺官方店',
    appKey: '9d1f3b5a7c9e4f20a1b2c3d4e5f60718',
    appSecret: 'b7a1c9d3e5f70123456789abcdef0123456789ab',
    sessionKey: 'e1d2c3b4a59687786950413223140506f7e8d9c0',
    refreshToken: 'c0d9e8f706051423324150697887a5b4c3d2e1f0',
    trades: 320,
  },
  {
    platform: 'weixin',
    key: 'shanyu-weixin',
    name: '山隅家居微信小店',
    appKey: 'wx1f3b5a7c9e4f20a1',
    appSecret: '3c5e7a9f1b3d5c7e9a0b2d4f6a8c0e1f',
    sessionKey: '77_d2c3b4a59687786950413223140506f7e8d9c0b1',
    refreshToken: 'weixin-has-none',
    trades: 240,
  },
  {
    platform: 'doudian',
    key: 'shanyu-doudian',
    name: '山隅家居抖音店',
    appKey: '7196205501733471236',
    appSecret: '3f6b2a70-9c41-4d18-8e57-a0b1c2d3e4f5',
    sessionKey: 'd4e5f607-1829-4a3b-9c5d-6e7f8091a2b3',
    refreshToken: 'a1b2c3d4-e5f6-4071-8293-a4b5c6d7e8f9',
    trades: 260,
  },
]

export const demoRate = { newTradesPerMinute: 20, eventsPerMinute: 14 }
