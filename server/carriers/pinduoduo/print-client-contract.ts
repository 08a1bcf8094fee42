import { cloudPrintClient } from '../cloud-print-client-contract.ts'

/** 拼多多打印组件: the commands of Cainiao's, but for the program's name, and for the last message, which names no request. */
export const pinduoduoPrintClient = cloudPrintClient({
  name: { zh: '拼多多', en: 'Pinduoduo' },
  url: 'ws://127.0.0.1:5000',
  result: 'PrintResultNotify',
  program: { ERPId: 'sanyi', ISVName: 'Sanyi' },
})
