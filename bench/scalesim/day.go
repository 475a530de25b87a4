package main

import (
	"math"
	"math/rand/v2"
	"slices"
)

// sizes is what files of a log-normal distribution are like on average.
type sizes struct {
	bytes     float64
	variance  float64
	median    float64
	byParts   float64 // share that is sent by the protocol of parts
	parts     float64 // of those that are, in all, for one file of any kind
	formParts float64 // that a node cuts forms into, for one file of any kind
	ranges    float64 // copies of ranges at promotion, for one file of any kind
}

// population is how many files are drawn to tell what they are like.
const population = 20_000

// draw makes files whose mean is exactly what bytes and files of a day say.
func draw(p *params) sizes {
	rnd := rand.New(rand.NewPCG(p.seed, 1))
	mean := p.bytes / p.files
	all := make([]float64, population)
	sum := 0.0
	for i := range all {
		all[i] = math.Exp(p.sigma * rnd.NormFloat64())
		sum += all[i]
	}
	s := sizes{bytes: mean, median: mean * math.Exp(-p.sigma*p.sigma/2)}
	for i := range all {
		all[i] *= mean * population / sum
		s.add(all[i], p)
	}
	return s
}

func (s *sizes) add(size float64, p *params) {
	const one = 1.0 / population
	s.variance += (size - s.bytes) * (size - s.bytes) * one
	if size >= p.formBelow {
		s.byParts += one
		s.parts += math.Ceil(size/partSize(size)) * one
	} else {
		s.formParts += math.Ceil(size/(16<<20)) * one
	}
	if size > 1<<30 {
		s.ranges += math.Ceil(size/(256<<20)) * one
	}
}

// partSize is the server's own choice.
func partSize(size float64) float64 {
	switch {
	case size < 100<<20:
		return 16 << 20
	case size < 1<<30:
		return 64 << 20
	}
	n := 128.0 * (1 << 20)
	for size/n > 10_000 {
		n *= 2
	}
	return n
}

// minute is what comes in one minute.
type minute struct{ files, bytes float64 }

// day gives 1440 minutes. The curve is a wave, steeper for higher peaks, with a
// mean of 1 and p.peak at its top; what comes is random around it.
func day(p *params, s sizes) []minute {
	rnd := rand.New(rand.NewPCG(p.seed, 2))
	curve := wave(p.peak)
	out := make([]minute, len(curve))
	for i, f := range curve {
		n := f * p.files / float64(len(curve))
		files := max(0, n+math.Sqrt(n)*rnd.NormFloat64())
		out[i] = minute{files, max(0, files*s.bytes+math.Sqrt(files*s.variance)*rnd.NormFloat64())}
	}
	return out
}

func wave(peak float64) []float64 {
	low, high := 0.0, 1000.0
	var w []float64
	for range 40 {
		power := (low + high) / 2
		w = w[:0]
		sum := 0.0
		for m := range 1440 {
			v := math.Pow((1+math.Cos(2*math.Pi*float64(m-14*60)/1440))/2, power)
			w, sum = append(w, v), sum+v
		}
		for i := range w {
			w[i] *= float64(len(w)) / sum
		}
		if slices.Max(w) < peak {
			low = power
		} else {
			high = power
		}
	}
	return w
}
