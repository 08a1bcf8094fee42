import type { LocalizedText } from '../../lib/localized-text.ts'

/** Why a receiver did not take a message, in words for people. No secret and no fact of our network is in them. */
export class SendFailure extends Error {
  readonly words: LocalizedText

  constructor(words: LocalizedText) {
    super(words.en)
    this.name = 'SendFailure'
    this.words = words
  }
}

export const unreachable = new SendFailure({
  zh: '连不上接收方，或没有答复',
  en: 'The receiver cannot be reached, or gave no answer',
})

export const httpFailure = (status: number) =>
  new SendFailure({ zh: `接收方答 HTTP ${status}`, en: `The receiver answered HTTP ${status}` })

export const refusedBy = (said: string) =>
  new SendFailure({ zh: `接收方拒绝：${said}`, en: `The receiver refused: ${said}` })

/** Returns the words for any error of a send. */
export function failureWords(error: unknown): LocalizedText {
  if (error instanceof SendFailure) return error.words
  return { zh: '发送出错，详见日志', en: 'Sending failed; the log has the error' }
}
