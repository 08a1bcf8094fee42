import { existsSync } from 'node:fs'
import type { Connector } from '../connectors/connector.ts'
import { connectors } from '../connectors/index.ts'

export const begin = '<!-- printed: SURFACE=write node --test server/rules/platforms.test.ts -->\n'
export const end = '<!-- end of what is printed -->\n'

/** The platforms with a page of the guide that is written for them. The others have a document of their own, or are for practice. */
export const guidedPlatforms: readonly Connector[] = connectors.filter(({ id }) =>
  existsSync(`docs/guide/zh/platform-${id}.md`),
)

const words = {
  zh: { none: '别的都有。', some: '这个平台做不到的，页面上按钮灰着，也写着原因：' },
  en: {
    none: 'Nothing is missing.',
    some: 'What this platform lacks. Its buttons are disabled and say the same:',
  },
} as const

/** What the connector declares that the platform cannot, with the reasons that the pages give. */
export function printedPart({ cannot }: Connector, language: 'zh' | 'en'): string {
  const reasons = [...new Set(Object.values(cannot).map((reason) => reason?.[language] ?? ''))].filter(
    (reason) => reason !== '',
  )
  if (reasons.length === 0) return `${begin}${words[language].none}\n${end}`
  return `${begin}${words[language].some}\n\n${reasons.map((reason) => `- ${reason}`).join('\n')}\n${end}`
}
