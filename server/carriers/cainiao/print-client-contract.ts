import type { PrintProtocol } from '../print-clients-contract.ts'

/** 菜鸟打印组件. */
export const cainiaoPrintClient: PrintProtocol = {
  name: { zh: '菜鸟', en: 'Cainiao' },
  url: 'ws://127.0.0.1:13528',
  result: 'notifyPrintResult',
  program: {},
}
