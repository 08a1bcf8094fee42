import { cloudPrintClient } from '../cloud-print-client-contract.ts'
import { isMessage, type LabelDocument, type PrintMessage } from '../print-protocol-contract.ts'

/** 快手打印组件: the commands of Cainiao's; a document names its waybill, and its area has other names. */
export const kuaishouPrintClient = cloudPrintClient({
  name: { zh: '快手', en: 'Kuaishou' },
  url: 'ws://127.0.0.1:16888/ks/printer',
  documentOf,
})

/** `ksOrderFlag`: an order of the platform, whose receiver is its ciphertext. */
function documentOf({ contents: [label, area] }: LabelDocument): PrintMessage {
  const { waybillCode, ...own } = isMessage(label) ? label : {}
  const over = isMessage(area) ? [{ templateURL: area['templateURL'], customData: area['data'] }] : []
  return { ...(waybillCode ? { waybillCode } : {}), ksOrderFlag: true, contents: [own, ...over] }
}
