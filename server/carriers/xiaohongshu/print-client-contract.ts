import { cloudPrintClient } from '../cloud-print-client-contract.ts'

/** 小红书打印组件 of its own e-waybills (`billVersion` 2): the commands of Cainiao's; the label goes as the platform gave it. */
export const xiaohongshuPrintClient = cloudPrintClient({
  name: { zh: '小红书', en: 'Xiaohongshu' },
  url: 'ws://127.0.0.1:10818',
})
