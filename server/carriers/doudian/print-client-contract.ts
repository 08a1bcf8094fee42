import { cloudPrintClient } from '../cloud-print-client-contract.ts'

/** 抖店打印组件: the commands of Cainiao's. */
export const doudianPrintClient = cloudPrintClient({
  name: { zh: '抖店', en: 'Douyin Shop' },
  url: 'ws://127.0.0.1:13888',
})
