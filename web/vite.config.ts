import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { fixtures } from './dev/fixtures.ts'

const root = fileURLToPath(new URL('.', import.meta.url))

/** The server sends files as they lie, so that answering costs it no compression. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    closeBundle() {
      const folder = join(root, 'dist/assets')
      for (const name of readdirSync(folder).filter((file) => /\.(js|css|svg)$/.test(file))) {
        const bytes = readFileSync(join(folder, name))
        writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }))
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes))
      }
    },
  }
}

export default defineConfig(({ mode }) => ({
  root,
  plugins: [react(), compressed(), ...(mode === 'fixtures' ? [fixtures()] : [])],
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023', chunkSizeWarningLimit: 450 },
  server: { proxy: mode === 'fixtures' ? {} : { '^/api/': { target: process.env['SANYI_API'] ?? 'http://127.0.0.1:3000', changeOrigin: false } } },
}))
