import { ConfigProvider, DatePicker, theme } from 'antd'
import en from 'antd/locale/en_US.js'
import zh from 'antd/locale/zh_CN.js'
import dayjs, { type Dayjs } from 'dayjs'
import 'dayjs/locale/zh-cn'
import type { ReactNode } from 'react'
import { useLanguage, useSay } from '../words.ts'
import { listWords } from './list-words.ts'

const written = 'YYYY-MM-DD HH:mm'

/** Ant Design in the product's colours: loaded only where one of its pickers is opened. */
function Themed({ children }: { children: ReactNode }) {
  const chinese = useLanguage() === 'zh'
  const dark = document.documentElement.dataset['theme'] === 'dark'
  return (
    <ConfigProvider
      locale={chinese ? zh.default : en.default}
      theme={{
        cssVar: {},
        hashed: false,
        algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
        token: {
          colorPrimary: dark ? '#5468DC' : '#3450C4',
          colorLink: dark ? '#9DADFB' : '#3450C4',
          colorBgContainer: dark ? '#1F2125' : '#FFFFFF',
          colorBgElevated: dark ? '#1F2125' : '#FFFFFF',
          colorText: dark ? '#E7E7E4' : '#1B1C1F',
          colorBorder: dark ? '#6E727A' : '#8E9198',
          borderRadius: 6,
          borderRadiusSM: 4,
          borderRadiusLG: 8,
          controlHeight: 30,
          controlHeightSM: 24,
          controlHeightLG: 38,
          fontSize: 13,
          fontFamily: 'var(--font)',
          boxShadowSecondary: 'var(--shadow)',
        },
      }}
    >
      {children}
    </ConfigProvider>
  )
}

/** Beijing time in and out, as text without a zone: the browser's own zone has no say. */
export default function RangePicker({
  value,
  onChange,
}: {
  value: string
  onChange: (value: string) => void
}) {
  const say = useSay()
  const [from = '', to = ''] = value.includes('~') ? value.split('~') : []
  return (
    <Themed>
      <DatePicker.RangePicker
        showTime={{ format: 'HH:mm', defaultValue: [dayjs('00:00', 'HH:mm'), dayjs('00:00', 'HH:mm')] }}
        format={written}
        allowEmpty={[true, true]}
        value={[asDay(from), asDay(to)]}
        aria-label={say(listWords.from)}
        onChange={(range) => {
          const [first, second] = [range?.[0]?.format(written) ?? '', range?.[1]?.format(written) ?? '']
          onChange(first === '' && second === '' ? '' : `${first}~${second}`)
        }}
      />
    </Themed>
  )
}

function asDay(text: string): Dayjs | null {
  return text === '' ? null : dayjs(text)
}
