/** The paths of the icons. No font is used, because the fonts of scanners' systems often lack such signs. */
const drawn = {
  back: 'M15 5l-7 7 7 7',
  sound: 'M4 9.5v5h3.5L12 19V5L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11',
  mute: 'M4 9.5v5h3.5L12 19V5L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5',
  keyboard:
    'M3 6h18v12H3zM6.5 9.5h.01M10 9.5h.01M14 9.5h.01M17.5 9.5h.01M6.5 12h.01M10 12h.01M14 12h.01M17.5 12h.01M8 15h8',
  camera: 'M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z',
  erase: 'M9 6h11v12H9l-5-6zM12 9.5l5 5M17 9.5l-5 5',
  pick: 'M12 4v9M8.5 9.5L12 13l3.5-3.5M4 15v4h16v-4',
  putAway: 'M12 13V4M8.5 7.5L12 4l3.5 3.5M4 15v4h16v-4',
  count: 'M5 5h14v14H5zM8.5 12l2.5 2.5 4.5-5',
  lookUp: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20',
} as const
export type IconName = keyof typeof drawn

export const Icon = ({ name, size = 24 }: { name: IconName; size?: number }) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth={name === 'keyboard' ? 1.6 : 1.8}
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    <path d={drawn[name]} />
  </svg>
)
