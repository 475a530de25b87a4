//go:build !(goexperiment.simd && amd64)

package record

func forms() []form { return []form{plainForm} }
