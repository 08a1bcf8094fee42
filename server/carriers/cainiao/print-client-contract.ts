import { cloudPrintClient } from '../cloud-print-client-contract.ts'

/** 菜鸟打印组件. */
export const cainiaoPrintClient = cloudPrintClient({
  name: { zh: '菜鸟', en: 'Cainiao' },
  url: 'ws://127.0.0.1:13528',
})
