//go:build goexperiment.simd && amd64

package record

import simd "simd/archsimd"

// forms lists what this processor can do, the best first.
func forms() (all []form) {
	if simd.X86.AVX512() && simd.X86.AVX512VBMI() && simd.X86.AVX512VBMI2() {
		all = append(all, form{"avx512", jsonAVX512, utf8AVX512, rowsAVX512, endsAVX512, shortsAVX512})
	}
	if simd.X86.AVX2() {
		all = append(all, form{"avx2", jsonAVX2, utf8AVX2, rowsAVX2, endsAVX2, shortsPlain})
	}
	return append(all, plainForm)
}
